"""The sentences beside a score, for many indicators at once.

They are those of `scoring.scores`, made once for each case that occurs.
"""

import numpy as np
from numpy.typing import NDArray

from schemas.columns import Coded
from scoring.scores import KindScores, LeftOut, Scores
from streams.digests import mixed

Integers = NDArray[np.int64]


def contribution_reasons(scores: Scores) -> Coded:
    """Why each kind was left out, [n, kinds]; empty where it counted. `scores` is [1, n]."""
    sentences: list[str] = []
    columns: list[Integers] = []
    for kind in scores.kinds.values():
        _, first, codes = np.unique(_cases(kind), return_index=True, return_inverse=True)
        columns.append(codes.ravel() + len(sentences))
        left_out = _left_out(kind)[first]
        sentences += [
            kind.why(code, int(kind.days_percent[0, at]), scores.minimum_percent)
            for code, at in zip(left_out.tolist(), first.tolist(), strict=True)
        ]
    return Coded(np.stack(columns, axis=1), sentences)


def overall_reasons(scores: Scores) -> Coded:
    """Why there is no score, [n]; empty where there is one. `scores` is [1, n]."""
    columns = [scores.status[0].astype(np.int64), *map(_cases, scores.kinds.values())]
    if scores.groups is not None:
        columns.append(scores.groups.of[0])
    _, first, codes = np.unique(mixed(0, columns), return_index=True, return_inverse=True)
    return Coded(codes, [scores.indicator(0, at).reason for at in first.tolist()])


def _cases(kind: KindScores) -> Integers:
    """A number for each sentence: the days where they are too few, otherwise what it is about."""
    left_out = _left_out(kind)
    too_few = left_out == LeftOut.TOO_FEW_DAYS
    cases: Integers = np.where(too_few, kind.days_percent[0], -1 - left_out)
    return cases


def _left_out(kind: KindScores) -> Integers:
    if kind.left_out is None:
        return np.where(kind.counted[0], np.int64(LeftOut.NOT), np.int64(LeftOut.TOO_FEW_DAYS))
    left_out: Integers = kind.left_out[0].astype(np.int64)
    return left_out
