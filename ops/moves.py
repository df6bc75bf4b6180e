"""For how many students another policy would change the band of today."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ops.crowd import Crowd, Present
from ops.feeds import known_gaps
from ops.generation import Generation
from schemas import topics
from schemas.types import Clock, Day, Status, StudentId
from scoring.items import EARLY_DAYS, EXTENSION_LIMIT_DAYS
from scoring.policy import Policy
from sinks.population import Population, Span
from streams.calendars import Calendars
from streams.reference import calendars_in
from streams.states import BANDS, NOT_ENROLLED, STATUSES, States, bands_in, statuses_in


@dataclass(frozen=True, slots=True)
class Moves:
    """What becomes of the enrolled students when one policy takes the place of another."""

    as_of: Day
    students: int
    moved: Mapping[tuple[str, str], int]
    """From and to which band, or status where there is none, and how many; the most first."""

    @property
    def total(self) -> int:
        """Students who move."""
        return sum(self.moved.values())


def moves(
    generation: Generation, population: Population, before: Policy, after: Policy
) -> Moves | None:
    """Compute today's bands by both policies; None where nobody has an indicator yet.

    Raises Unreachable when ClickHouse does not answer.
    """
    present = present_of(generation, population)
    if present is None:
        return None
    students = 0
    moved = Counter[tuple[str, str]]()
    look_back = max(before.look_back_days, after.look_back_days)
    first = Day(present.complete + 1 - look_back)
    for crowd in crowds(population, first, present.as_of, generation):
        was, becomes = crowd.states(before, present), crowd.states(after, present)
        is_enrolled = was != NOT_ENROLLED
        students += int(is_enrolled.sum())
        moves = is_enrolled & (was != becomes)
        moved.update(zip(_words(was[moves]), _words(becomes[moves]), strict=True))
    return Moves(present.as_of, students, dict(moved.most_common()))


def present_of(generation: Generation, population: Population) -> Present | None:
    """The moment that the indicators in ClickHouse tell of, with its calendar and gaps."""
    moment = population.moment()
    if moment is None:
        return None
    complete, as_of = moment
    calendars = Calendars()
    for calendar in calendars_in(generation.read(topics.CALENDAR)):
        calendars.add(calendar)
    return Present(
        complete=complete,
        as_of=as_of,
        seen=as_of if generation.clock is Clock.WALL else complete,
        calendars=calendars,
        gaps=[(gap.feed, gap.day) for gap in known_gaps(generation) if gap.holds],
    )


def crowds(
    population: Population, first: Day, last: Day, generation: Generation
) -> Iterator[Crowd]:
    """Every student with a record, some at a time, on the days from `first` to `last`."""
    zone, early = generation.zone.key, EARLY_DAYS[generation.clock]
    after = -1
    while not (people := population.students(after)).is_empty():
        ids = StudentId(people["student"][0]), StudentId(people["student"][-1])
        # What was due so long before may have been put off until then.
        due = Span(*ids, Day(first - EXTENSION_LIMIT_DAYS), last)
        yield Crowd.of(
            people,
            population.counts(Span(*ids, first, last)),
            population.items(due, zone, early),
            population.circumstances(*ids),
            first,
            last,
        )
        after = ids[1]


def _words(states: States) -> list[str]:
    """The bands, or why there is none."""
    found = zip(statuses_in(states).tolist(), bands_in(states).tolist(), strict=True)
    return [
        (BANDS[band] if STATUSES[status] is Status.SCORED else STATUSES[status]).value
        for status, band in found
    ]
