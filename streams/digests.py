"""One number for all a reader sees of an indicator, or of a day's counts: equal where these are.

Computed twice, from scores (here) and from what was published (`streams.remembered`), and compared.
64 bits, mixed as in FNV-1a over whole words; two different indicators of one student share a
digest once in 2**64.

A kind goes in as five words: its standing, its amount, its days with the items due above them, its
rate and its points. What a kind can earn goes in once for all kinds, since most share it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Status
from scoring.indicator import NOTHING_DUE
from scoring.rules import NotScored, Rules
from scoring.scores import STATUSES, KindScores, LeftOut, Scores
from streams.states import States

Integers = NDArray[np.int64]

_COUNTS: Final = 1
_TOO_FEW_DAYS: Final = 0
_NOTHING_DUE: Final = 2
_DUE_ABOVE: Final = 1 << 32  # days come in percent and stay below
NOT_SCORED: Final = STATUSES.index(Status.NOT_SCORED)


def mixed(version: int, columns: Sequence[Integers]) -> NDArray[np.uint64]:
    """Columns mixed into one number a cell; never 0, which stands for none.

    The first has the shape of the result, the others fit it.
    """
    digest = np.full(columns[0].shape, 0xCBF29CE484222325 ^ version, np.uint64)
    for column in columns:
        digest ^= column.view(np.uint64) if column.flags.c_contiguous else column.astype(np.uint64)
        digest *= np.uint64(0x9E3779B97F4A7C15)
        digest ^= digest >> np.uint64(32)
    return digest | np.uint64(1)


def of_counts(counts: Sequence[NDArray[np.uint32]]) -> NDArray[np.uint64]:
    """The digests of daily rows, from the counts of each kind; 0 where all of them are 0."""
    digest = mixed(0, [of_kind.astype(np.int64) for of_kind in counts])
    return np.where(np.logical_or.reduce(counts, axis=0), digest, np.uint64(0))


def of_states(states: States) -> NDArray[np.uint64]:
    """The digests of indicators of students who have no place in scoring."""
    return mixed(0, [states.astype(np.int64)])


def of_scores(version: int, scores: Scores) -> NDArray[np.uint64]:
    """The digests of indicators, of the shape of `scores`."""
    columns = [
        scores.status.astype(np.int64),
        scores.band.astype(np.int64),
        scores.score_hundredths,
    ]
    of_kinds = [_weights(scores)]
    for kind in scores.kinds.values():
        of_kinds += [
            _standings(kind),
            kind.amount,
            with_due(kind.days_percent, kind.due),
            kind.rate_hundredths,
            kind.points_hundredths,
        ]
    digests = mixed(version, [*columns, *of_kinds])
    if scores.groups is None:
        return digests
    withheld = scores.status == NOT_SCORED
    if withheld.any():
        words = [
            word_of(one.reason) if isinstance(one, NotScored) else 0
            for one in scores.groups.resolved
        ]
        reasons = np.array(words, np.int64)[scores.groups.of]
        digests = np.where(withheld, mixed(version, [*columns, reasons]), digests)
    return digests


def standing_of(counted: bool, reason: str) -> int:
    """The word for whether a kind counted, or else why it did not."""
    if counted:
        return _COUNTS
    if reason.startswith("switched off"):
        return word_of(reason)
    # Which days were too few stands beside it, and their minimum in the policy.
    return _NOTHING_DUE if reason == NOTHING_DUE else _TOO_FEW_DAYS


def word_of(text: str) -> int:
    """A number for a text, above those of the standings."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 2 | 1 << 61


def with_due(days_percent: Integers, due: Integers | None) -> Integers:
    """Days and items due in one word."""
    return days_percent if due is None else days_percent + due * _DUE_ABOVE


def weights_word(weights: Iterable[float]) -> int:
    """A number for what each kind can earn."""
    return word_of(" ".join(map(repr, weights)))


def _standings(kind: KindScores) -> Integers:
    if kind.left_out is None:
        return kind.counted.astype(np.int64)
    words = np.zeros(LeftOut.OFF + len(kind.off_reasons), np.int64)
    words[LeftOut.NOT] = _COUNTS
    words[LeftOut.NOTHING_DUE] = _NOTHING_DUE
    words[LeftOut.OFF :] = [word_of(reason) for reason in kind.off_reasons]
    standings: Integers = words[kind.left_out]
    return standings


def _weights(scores: Scores) -> Integers:
    if scores.groups is None:
        usual = weights_word(kind.weight for kind in scores.kinds.values())
        return np.array([[usual]], np.int64)
    words = [
        weights_word(rules.kinds[kind].weight for kind in scores.kinds)
        if isinstance(rules, Rules)
        else 0
        for rules in scores.groups.resolved
    ]
    weights: Integers = np.array(words, np.int64)[scores.groups.of]
    return weights
