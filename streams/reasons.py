"""The sentences beside a score, for many indicators at once.

They are those of `scoring.indicator`, made once for each case that occurs.
"""

import numpy as np

from schemas.columns import Coded
from scoring.indicator import too_few_days
from scoring.scores import Scores
from streams.evaluation import mixed


def contribution_reasons(scores: Scores) -> Coded:
    """Why each kind was left out, [n, kinds]; empty where it counted. `scores` is [1, n]."""
    counted = np.stack([kind.counted[0] for kind in scores.kinds.values()], axis=1)
    percent = np.stack([kind.days_percent[0] for kind in scores.kinds.values()], axis=1)
    cases, codes = np.unique(np.where(counted, -1, percent), return_inverse=True)
    sentences = [
        "" if case < 0 else too_few_days(case, scores.minimum_percent) for case in cases.tolist()
    ]
    return Coded(codes.reshape(counted.shape), sentences)


def overall_reasons(scores: Scores) -> Coded:
    """Why there is no score, [n]; empty where there is one. `scores` is [1, n]."""
    columns = [scores.status[0].astype(np.int64)] + [
        np.where(kind.counted[0], -1, kind.days_percent[0]) for kind in scores.kinds.values()
    ]
    _, first, codes = np.unique(mixed(0, columns), return_index=True, return_inverse=True)
    return Coded(codes, [scores.indicator(0, at).reason for at in first.tolist()])
