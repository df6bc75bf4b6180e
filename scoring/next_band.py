"""The smallest additional activity that would have reached the next band.

It is found by asking the reference, which never lowers a score for more activity: for each kind by
itself, and for all together. Additional activity is imagined on days of the windows that are over:
the latest ones without activity; of a share, the latest items that were not met.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from math import ceil

from schemas.types import Band, Day, Kind, Status
from scoring.indicator import Indicator
from scoring.items import Item
from scoring.kind_policy import Measure
from scoring.reference import DAYS_A_WEEK, indicator_of, standing_of, window_of
from scoring.rounding import DAY_PERCENT
from scoring.rules import Rules
from scoring.spread import Spread
from scoring.student_days import Moment, StudentDays


@dataclass(frozen=True, slots=True)
class Step:
    """Additional activity of one kind."""

    kind: Kind
    number: int
    """Events; of days distinct days with any; of a share items met."""


@dataclass(frozen=True, slots=True)
class NextBand:
    """The band above, and what would have reached it."""

    band: Band
    lowest: float
    """The score at which it begins."""
    alone: tuple[Step, ...]
    """Each is enough by itself; kinds that cannot do it alone are missing."""
    together: tuple[Step, ...]
    """Enough when all are done, and the fewest in all; empty when even everything is too little."""


def next_band(
    rules: Rules, student: StudentDays, at: Moment, indicator: Indicator
) -> NextBand | None:
    """Give the band above the student's `indicator`; None when there is none, or no score."""
    if indicator.status is not Status.SCORED or indicator.band is Band.HIGH:
        return None
    bands = pairwise(rules.thresholds.ascending)
    band, lowest = next(above for (below, _), above in bands if below is indicator.band)
    kinds = [part.kind for part in indicator.contributions if part.counted and part.weight > 0]
    room = {kind: _room(rules, student, at, kind) for kind in kinds}

    def reaches(more: Mapping[Kind, int]) -> bool:
        score = indicator_of(rules, with_more(rules, student, at, more), at).score
        return score is not None and score >= lowest

    def is_enough(kind: Kind, number: int) -> bool:
        return reaches({kind: number})

    fewest = {kind: _fewest(most, partial(is_enough, kind)) for kind, most in room.items()}
    alone = tuple(Step(kind, number) for kind, number in fewest.items() if number)
    return NextBand(band, lowest, alone, _together(rules, student, at, room, alone, reaches))


def with_more(
    rules: Rules, student: StudentDays, at: Moment, more: Mapping[Kind, int]
) -> StudentDays:
    """Give the student with additional activity: `more` of each kind, as far as there is room."""
    counts, items = dict(student.counts), dict(student.items)
    for kind, number in more.items():
        days = window_of(rules, kind, student, at.complete).days
        match rules.kinds[kind].measure:
            case Measure.SHARE:
                items[kind] = _met(items[kind], _missing(student, kind, days, at)[:number])
            case Measure.DAYS:
                added = dict.fromkeys(_idle(student, kind, days)[:number], 1)
                counts[kind] = {**counts.get(kind, {}), **added}
            case Measure.EVENTS if days:
                events = counts.get(kind, {})
                counts[kind] = {**events, days[0]: events.get(days[0], 0) + number}
    return replace(student, counts=counts, items=items)


def _room(rules: Rules, student: StudentDays, at: Moment, kind: Kind) -> int:
    """Give how much more can be done, or can make a difference."""
    rule = rules.kinds[kind]
    window = window_of(rules, kind, student, at.complete)
    if rule.measure is Measure.SHARE:
        return len(_missing(student, kind, window.days, at))
    if rule.measure is Measure.DAYS:
        return len(_idle(student, kind, window.days))
    return ceil(rule.saturation * window.days_percent / (DAYS_A_WEEK * DAY_PERCENT)) + 1


def _idle(student: StudentDays, kind: Kind, days: Sequence[Day]) -> list[Day]:
    """Give the days of a window without activity, the latest first."""
    counts = student.counts.get(kind, {})
    return [day for day in days if not counts.get(day, 0)]


def _missing(student: StudentDays, kind: Kind, days: Sequence[Day], at: Moment) -> list[int]:
    """Give the places of the items of a window that were missed, the latest due first."""
    items = student.items.get(kind, ())
    missing = [
        place
        for place, item in enumerate(items)
        if item.due in days and not item.is_met_by(at.seen) and not student.excused(kind, item.due)
    ]
    return sorted(missing, key=lambda place: items[place].due, reverse=True)


def _met(items: Sequence[Item], places: Sequence[int]) -> list[Item]:
    chosen = set(places)
    return [replace(i, met=i.due) if place in chosen else i for place, i in enumerate(items)]


def _fewest(most: int, is_enough: Callable[[int], bool]) -> int:
    """Give the smallest number, up to `most`, that is enough; 0 when none is."""
    number = 1 + bisect_left(range(1, most + 1), True, key=is_enough)
    return number if number <= most else 0


def _together(
    rules: Rules,
    student: StudentDays,
    at: Moment,
    room: Mapping[Kind, int],
    alone: Sequence[Step],
    reaches: Callable[[Mapping[Kind, int]], bool],
) -> tuple[Step, ...]:
    """Give the fewest additional activities of all kinds that are enough together.

    1. For each kind: its points with 0, 1, 2 ... more.
    2. For each total number: how it is spread over the kinds for the most points.
    3. The smallest total that is enough; unless one kind alone does with as few.
    """
    by_itself = min(alone, key=lambda step: step.number, default=None)
    limit = sum(room.values()) if by_itself is None else by_itself.number - 1
    spread = Spread(limit)
    for kind, most in room.items():
        numbers = range(min(most, limit) + 1)
        more = (with_more(rules, student, at, {kind: number}) for number in numbers)
        spread.add(kind, [standing_of(rules, kind, one, at).points for one in more])
    total = _fewest(limit, lambda total: reaches(spread.of(total)))
    if total:
        return tuple(Step(kind, number) for kind, number in spread.of(total).items())
    return () if by_itself is None else (by_itself,)
