"""How long students have been silent at the closings of days; `scoring.observation` defines it."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from schemas.types import KINDS, Day, Kind
from scoring.alert_kernel import counted_since
from streams.hindsight import Steps
from streams.students import Rows
from streams.window import KIND_ROW, Window

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]


def may_be_silent(
    window: Window, rows: Rows, days: Integers, unknown: Steps, at_least: int
) -> Bits:
    """Which students may have been silent for `at_least` counted days on one of some days, [S].

    Counted days are days, so whoever did something within the last `at_least` of them was not.
    Most did, and of most it shows on the first day that is looked at.
    """
    may_be = np.isin(rows, unknown.rows)  # what a closing does not know, the counts hold
    number = len(days)
    left = np.flatnonzero(~may_be)
    quiet = np.zeros((number, len(left)), np.int64)  # days without activity, up to each day
    for day in range(int(days[-1]) - at_least + 1 - (number - 1), int(days[-1]) + 1):
        if not len(left):
            break
        of_day = window.counts[:, window.span(day, day)][:, 0]
        is_active = of_day[:, rows[left]].any(axis=0)
        inside = (days - at_least < day) & (day <= days)
        quiet += inside[:, None] & ~is_active
        if number == 1:
            left, quiet = left[~is_active], quiet[:, ~is_active]
    may_be[left[(quiet == at_least).any(axis=0)]] = True
    return may_be


def silent_days(
    window: Window, rows: Rows, first: Day, counted: Bits, unknown: Steps, number: int
) -> Integers:
    """Counted days behind the last activity, on the last `number` of the days, [number, S].

    `counted` is [K, S], of K days from `first` on; each looks back over K - number + 1 days.
    """
    active = active_days(window, rows, first, len(counted), unknown)
    return counted_since(active, counted, number)


def active_days(
    window: Window,
    rows: Rows,
    first: int,
    number: int,
    unknown: Steps,
    kinds: Collection[Kind] = KINDS,
) -> Bits:
    """Whether each student did anything of some kinds on each of `number` days, [number, S]."""
    days = window.span(first, first + number - 1)
    active = np.zeros((number, len(rows)), np.bool_)
    for kind in kinds:
        row = KIND_ROW[kind]
        counts = window.counts[row][days][:, rows]
        late = unknown[unknown.kinds == row] if len(unknown) else unknown
        if len(late):
            late.taken_from(counts, rows, first)
        active |= counts > 0
    return active
