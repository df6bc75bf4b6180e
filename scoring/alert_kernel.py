"""Alert conditions and their course for many students at once; `alerts.py` is the definition."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Band
from scoring.alert_rules import AlertRule, BandAtOrBelow, BandDrop, NoActivity, OverdueAndSilent

BANDS: Final = tuple(Band)
NEVER: Final = -(1 << 30)
"""A day long before all others."""

_Integers = NDArray[np.int64]
_Bits = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """Closings of S students on K days in a row, of which the last E are evaluated.

    K is E and the days of the look-back before the first of them, so that each has its own.
    """

    bands: NDArray[np.int8]
    """Places in `BANDS`; 0 where a closing does not speak, and where there is none, [K, S]."""
    silent: _Integers | None
    """Counted days behind the last activity, [E, S]; None when no rule asks."""
    overdue: dict[str, _Integers]
    """By kind: days that the item missing for longest is overdue, [E, S]."""
    number: int
    """E."""

    @property
    def speaks(self) -> _Bits:
        """Whether rules look at the closing of an evaluated day, [E, S]."""
        speaks: _Bits = self.bands[-self.number :] > 0
        return speaks


def holds(rule: AlertRule, observed: Observed) -> _Bits:
    """Whether the condition of a rule holds on each evaluated day that speaks, [E, S]."""
    match rule:
        case BandAtOrBelow():
            limit = BANDS.index(rule.band)
            closings = counted_since(observed.bands > limit, observed.bands > 0, observed.number)
            found = closings >= rule.closings
        case BandDrop():
            found = _drop(rule, observed)
        case OverdueAndSilent():
            overdue = observed.overdue.get(rule.kind)
            found = np.zeros(observed.speaks.shape, np.bool_)
            if overdue is not None and observed.silent is not None:
                found = (overdue >= rule.overdue_days) & (observed.silent >= rule.silent_days)
        case NoActivity():
            found = np.zeros(observed.speaks.shape, np.bool_)
            if observed.silent is not None:
                found = observed.silent >= rule.counted_days
    held: _Bits = found & observed.speaks
    return held


def counted_since(breaks: _Bits, counted: _Bits, number: int) -> _Integers:
    """How many days of `counted` lie behind the last of `breaks`, on each of the last days.

    Both are [K, S]; the answer is [number, S]. Each of the last `number` days looks back over
    K - number + 1 days, itself included.
    """
    days = len(counted)
    before = before_each(counted)
    rows = np.arange(1, days + 1)[:, None]
    behind = np.maximum.accumulate(np.where(breaks, rows, 0), axis=0)
    ends = np.arange(days - number, days)
    start = np.maximum(behind[ends], np.arange(number)[:, None])
    since: _Integers = before[ends + 1] - np.take_along_axis(before, start, axis=0)
    return since


def before_each(cells: _Bits) -> _Integers:
    """How many of the cells lie before each row, and behind the last: [K + 1, S]."""
    before = np.zeros((len(cells) + 1, cells.shape[1]), np.int64)
    np.cumsum(cells, axis=0, out=before[1:])
    return before


def _drop(rule: BandDrop, observed: Observed) -> _Bits:
    bands, number = observed.bands, observed.number
    reach = min(rule.within_days, len(bands) - number)
    best = np.zeros((number, bands.shape[1]), np.int8)
    for back in range(1, reach + 1):
        end = len(bands) - back
        np.maximum(best, bands[end - number : end], out=best)
    fell: _Bits = best - bands[-number:] >= rule.bands
    return fell


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """What a rule has said of S students before; both are [S] and go on with `follow`."""

    raised: _Integers
    """When the open alert was raised; NEVER where none is open."""
    ended: _Integers
    """When the last alert ended; NEVER where none has."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What came of the evaluated days: places [day, student] where alerts were raised, ended."""

    raised: tuple[_Integers, _Integers]
    ended: tuple[_Integers, _Integers]


def follow(
    standing: Standing,
    held: _Bits,
    speaks: _Bits,
    over: _Bits,
    days: _Integers,
    cool_down_days: int,
) -> Course:
    """Let the days pass: `held`, `speaks` and `over` are [E, S], the campus days [E].

    `over`: the student is not one of whom the policy speaks; every alert ends.
    """
    raised, ended = np.zeros_like(held), np.zeros_like(held)
    for at, day in enumerate(days.tolist()):
        is_open = standing.raised != NEVER
        ended[at] = is_open & (over[at] | (speaks[at] & ~held[at]))
        raised[at] = ~is_open & held[at] & ~over[at] & (day > standing.ended + cool_down_days)
        standing.ended[ended[at]] = day
        standing.raised[ended[at]] = NEVER
        standing.raised[raised[at]] = day
    return Course(_places(raised), _places(ended))


def _places(where: _Bits) -> tuple[_Integers, _Integers]:
    days, students = np.nonzero(where)
    return days, students
