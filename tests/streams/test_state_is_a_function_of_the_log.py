"""However a log is cut, read, crashed upon and read again: what is published is what it says."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import DAILY, INDICATOR, INDICATOR_CHANGE, INDICATOR_DAY
from schemas.types import KINDS, Band, Day, Kind, Status, StudentId
from scoring.indicator import Indicator
from streams.campus import as_date
from streams.marks import Marks
from streams.students import Period
from tests.streams.owner import Owner, Published
from tests.streams.world import FEEDS, FIRST, Event, Log, Truth, read_in_one_pass

DAYS = 30
STUDENTS = [StudentId(11), StudentId(12), StudentId(13)]
STATUSES = [status.value for status in Status][1:]
BANDS = [band.value for band in Band]


@dataclass(frozen=True)
class World:
    log: Log
    periods: Mapping[StudentId, Sequence[Period]]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A month of three students, with late, repeated, impossible and future events."""
    length = draw(st.integers(1, DAYS))
    last = Day(FIRST + length - 1)
    events: dict[Kind, list[Event]] = {kind: [] for kind in FEEDS}
    made = draw(
        st.lists(
            st.tuples(
                st.sampled_from(list(FEEDS)),
                st.sampled_from(STUDENTS),
                st.integers(-12, DAYS + 1),
                st.sampled_from([0, 0, 0, 0, 1, 3, 4, 5, 6, 9, 20, -1, -3]),
                st.integers(1, 60),
            ),
            max_size=60,
        )
    )
    for kind, student, day, delay, number in made:
        # Behind the last mark nothing is known to be in the future: it would wait for the next.
        log_day = min(max(day + delay, 0), length if day <= length else length - 1)
        events[kind].append(
            Event(
                kind,
                student,
                Day(FIRST + day),
                Day(FIRST + log_day),
                # the same id only for the same student, kind and day: as ids are made
                _event_id(kind, student, day, number % 4),
            )
        )
    ordered = {kind: sorted(found, key=lambda e: e.log_day) for kind, found in events.items()}
    spans = st.tuples(st.integers(-5, DAYS), st.integers(0, DAYS)).map(
        lambda p: Period(Day(FIRST + p[0]), Day(FIRST + p[0] + p[1]))
    )
    periods = draw(st.dictionaries(st.sampled_from(STUDENTS), st.lists(spans, max_size=2)))
    return World(Log(ordered, last), periods)


@given(world=worlds(), data=st.data())
def test_slices_orders_and_crashes_change_nothing(world: World, data: st.DataObject) -> None:
    log, published = world.log, Published(world.periods)
    committed = dict.fromkeys(FEEDS, 0)
    marks = Marks()
    marked = FIRST - 1
    owner = Owner(log, marks, published, committed)
    for _ in range(data.draw(st.integers(0, 12), label="steps")):
        match data.draw(st.sampled_from(["offer", "mark", "advance", "commit", "crash", "die"])):
            case "offer":
                kind = data.draw(st.sampled_from(list(FEEDS)))
                owner.offer(kind, data.draw(st.integers(0, len(log.events[kind]))))
            case "mark" if marked < log.last:
                until = data.draw(st.integers(marked + 1, log.last))
                for day in range(marked + 1, until + 1):
                    log.add_marks(marks, Day(day))
                marked = until
            case "advance":
                owner.advance()
            case "commit":
                committed = owner.applied()
            case "die":  # computed, and nothing of it published
                owner.advance(commit=False)
                owner = Owner(log, marks, published, committed)
            case "crash":
                owner = Owner(log, marks, published, committed)
    for day in range(marked + 1, log.last + 1):
        log.add_marks(marks, Day(day))
    for kind in FEEDS:
        owner.offer(kind, len(log.events[kind]))
    owner.advance()
    truth = read_in_one_pass(log, world.periods)
    check(published, truth)


@given(world=worlds())
def test_a_new_owner_of_a_finished_log_publishes_nothing(world: World) -> None:
    log, published = world.log, Published(world.periods)
    first = Owner(log, log.marks(log.last), published, dict.fromkeys(FEEDS, 0))
    for kind in FEEDS:
        first.offer(kind, len(log.events[kind]))
    first.advance()
    before = {topic: len(records) for topic, records in published.records.items()}
    second = Owner(log, log.marks(log.last), published, first.applied())
    for kind in FEEDS:
        second.offer(kind, len(log.events[kind]))
    second.advance()
    assert {topic: len(records) for topic, records in published.records.items()} == before
    assert second.tally.applied.total() == 0


@given(world=worlds())
def test_every_event_is_tallied_once(world: World) -> None:
    log, published = world.log, Published(world.periods)
    owner = Owner(log, log.marks(log.last), published, dict.fromkeys(FEEDS, 0))
    for kind in FEEDS:
        owner.offer(kind, len(log.events[kind]))
    owner.advance()
    truth = read_in_one_pass(log, world.periods)
    tally = owner.tally
    assert (
        tally.applied.total(),
        tally.duplicate.total(),
        tally.too_late.total(),
        tally.quarantined.total(),
    ) == (truth.applied, truth.duplicate, truth.too_late, truth.future)


def _event_id(kind: Kind, student: StudentId, day: int, number: int) -> int:
    name = f"{kind}/{student}/{day}/{number}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest())


def check(published: Published, truth: Truth) -> None:
    closings = {(row["student"], row["day"]): row for row in published.rows(INDICATOR_DAY)}
    assert closings.keys() == truth.closings.keys()
    for key, wanted in truth.closings.items():
        assert _result(closings[key]) == _wanted(wanted), (key, as_date(key[1]))
    daily = {
        (row["student"], row["day"]): {kind: row[kind.value] for kind in KINDS if row[kind.value]}
        for row in published.rows(DAILY)
    }
    assert daily == truth.daily
    states = _check_chain(published)
    for student, state in truth.states.items():
        if student in states or state[0] is not Status.NOT_ENROLLED:
            assert states[student] == (state[0].value, state[1].value)
    current = {
        row["student"]: (STATUSES[int(str(row["status"]))], BANDS[int(str(row["band"]))])
        for row in published.rows(INDICATOR)
    }
    assert current == states


def _check_chain(published: Published) -> dict[object, tuple[str, str]]:
    """Each change follows from the one before it; the states they lead to."""
    last: dict[object, tuple[int, int, int]] = {}
    for row in published.rows(INDICATOR_CHANGE):
        sequence, status, band = last.get(row["student"], (0, 0, 0))
        assert row["sequence"] == sequence + 1
        assert (row["previous_status"], row["previous_band"]) == (status, band)
        now = (sequence + 1, int(str(row["status"])) + 1, int(str(row["band"])))
        assert now[1:] != (status, band)
        last[row["student"]] = now
    return {s: (STATUSES[status - 1], BANDS[band]) for s, (_, status, band) in last.items()}


def _result(row: dict[str, object]) -> dict[str, object]:
    return {
        "status": STATUSES[int(str(row["status"]))],
        "band": BANDS[int(str(row["band"]))],
        "score": row["score"],
        "reason": row["reason"],
        "contributions": row["contributions"],
    }


def _wanted(indicator: Indicator) -> dict[str, object]:
    return {
        "status": indicator.status.value,
        "band": indicator.band.value,
        "score": indicator.score,
        "reason": indicator.reason,
        "contributions": [
            {
                "kind": part.kind.value,
                "counted": part.counted,
                "reason": part.reason,
                "amount": part.amount,
                "days": part.days_percent / 100,
                "rate": part.rate,
                "points": part.points,
                "weight": part.weight,
            }
            for part in indicator.contributions
        ],
    }
