"""What is read from ClickHouse of many students scores them as a replay of their course does."""

import itertools
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.circumstances import excused
from backtest.course import Course
from backtest.policy_text import changed
from backtest.replay import replay
from connectors.circumstances.publish import circumstance_record
from ops.commands.backtest import read_policy
from ops.crowd import Crowd, Present
from schemas.types import KINDS, CircumstanceSort, Day, Kind, StudentId
from scoring.calendar import Calendar
from scoring.circumstance import Circumstance
from scoring.due_items import NEVER, DueItems
from scoring.policy import Policy
from streams.calendars import Calendars, CalendarVersion
from streams.states import BANDS, NOT_ENROLLED, bands_in
from tests.backtest.worlds import DEFAULT_KINDS, START, circumstances, course, seeds

POLICY = read_policy(None)
CIRCUMSTANCES = pl.Schema(
    {
        "student": pl.Int64(),
        "circumstance": pl.String(),
        "sort": pl.String(),
        "kinds": pl.List(pl.Struct({"kind": pl.String()})),
        "first_day": pl.Int64(),
        "last_day": pl.Int64(),
        "extend_days": pl.Int64(),
        "declared_on": pl.Int64(),
        "withdrawn_on": pl.Int64(),
    }
)
UPLOADS = POLICY.kinds[Kind.FASER_UPLOAD].model_copy(update={"window_days": 28, "weight": 50})
SHORT = {Kind.FASER_UPLOAD: UPLOADS}
DAYS, UNSEEN = 40, set(KINDS) - set(DEFAULT_KINDS) - {Kind.FASER_UPLOAD}


def only_what_courses_hold(policy: Policy) -> Policy:
    """Of kinds that no file holds, a replay knows that nothing is known; a crowd does not."""
    kinds = {kind: rule for kind, rule in policy.kinds.items() if kind not in UNSEEN}
    return policy.model_copy(update={"kinds": kinds})


def frames(of: Course, said: Iterable[Circumstance] = ()) -> tuple[pl.DataFrame, ...]:
    """A course as `sinks.population` tells of it; students are known by their columns."""
    people = [
        {
            "student": student,
            "first": [of.start + int(row[0])] if len(row) else [],
            "last": [of.start + int(row[-1])] if len(row) else [],
            **{
                name: [getattr(of.profiles[student], name)] * bool(len(row))
                for name in ("level", "mode", "programme", "status")
            },
        }
        for student, row in enumerate(map(np.flatnonzero, of.enrolled.T))
    ]
    counts = [
        {
            "student": student,
            "campus_day": of.start + day,
            **{
                kind.value: int(of.counts[kind][day, student]) if kind in of.counts else 0
                for kind in KINDS
            },
        }
        for student in range(of.size)
        for day in range(of.days)
        if any(cells[day, student] for cells in of.counts.values())
    ]
    items = of.coursework[Kind.FASER_UPLOAD]
    expected = [
        {"student": who, "kind": "faser_upload", "due_on": due, "met_on": met}
        for who, due, met in zip(
            items.student.tolist(),
            items.due.tolist(),
            [None if met == NEVER else int(met) for met in items.met],
            strict=True,
        )
    ]
    texts = ("level", "mode", "programme", "status")
    return (
        pl.DataFrame(
            people,
            schema={
                "student": pl.Int64,
                "first": pl.List(pl.Int64),
                "last": pl.List(pl.Int64),
                **dict.fromkeys(texts, pl.List(pl.String)),
            },
        ),
        pl.DataFrame(
            counts, schema=dict.fromkeys(("student", "campus_day", *map(str, KINDS)), pl.Int64)
        ),
        pl.DataFrame(
            expected,
            schema={
                "student": pl.Int64,
                "kind": pl.String,
                "due_on": pl.Int64,
                "met_on": pl.Int64,
            },
        ).sort("student", "due_on"),
        pl.DataFrame([circumstance_record(one, 0) for one in said], schema=CIRCUMSTANCES),
    )


def crowd_of(of: Course, first: Day, said: Iterable[Circumstance] = ()) -> Crowd:
    people, counts, items, circumstances = frames(of, said)
    return Crowd.of(people, counts, items, circumstances, first, of.last)


def calendars(of: Course) -> Calendars:
    found = Calendars()
    found.add(CalendarVersion(1, Day(0), of.start, of.weight_percent[:, 0], Calendar()))
    return found


@given(seeds, st.none() | seeds)
@settings(max_examples=30)
def test_the_bands_of_a_crowd_are_those_of_the_closings(seed: int, excuses: int | None) -> None:
    of = course(seed, students=6, days=DAYS)
    said = {} if excuses is None else circumstances(excuses, of)
    policy = only_what_courses_hold(POLICY)
    closings = replay(policy, excused(of, said))
    first = Day(of.start + 1 - POLICY.look_back_days)
    crowd = crowd_of(of, first, itertools.chain.from_iterable(said.values()))
    for row in range(20, DAYS - 1, 6):
        complete = Day(of.start + row)
        present = Present(complete, Day(complete + 1), complete, calendars(of), ())
        states = crowd.states(policy, present)
        stays = of.enrolled[row + 1] & of.enrolled[row]
        assert (bands_in(states)[stays] == closings.band[row][stays]).all()
        assert (states[~of.enrolled[row + 1]] == NOT_ENROLLED).all()


def test_a_day_that_a_feed_lacks_is_left_out() -> None:
    of = course(3, students=6, days=DAYS)
    first = Day(of.start + 1 - POLICY.look_back_days)
    crowd = crowd_of(of, first)
    complete = Day(of.last - 1)
    feeds = {feed for rule in POLICY.kinds.values() for feed in rule.feeds}
    all_lack = [(feed, Day(day)) for feed in feeds for day in range(first, of.last + 1)]
    present = Present(complete, of.last, complete, calendars(of), all_lack)
    states = crowd.states(POLICY, present)
    assert set(bands_in(states[states != NOT_ENROLLED]).tolist()) == {BANDS.index(BANDS[0])}


def test_what_was_due_before_the_days_counts_when_it_was_put_off_into_them() -> None:
    of = course(3, students=1, days=DAYS)
    of = replace(
        of,
        enrolled=np.ones((DAYS, 1), np.bool_),
        coursework={Kind.FASER_UPLOAD: DueItems(*np.array([[0], [START + 2], [NEVER]]))},
    )
    sort, nothing = CircumstanceSort.PLACEMENT, ()
    one = Circumstance(StudentId(0), sort, nothing, START, Day(START + 3), 20, START)
    policy = changed(POLICY, {"look_back_days": 30, "kinds": {**POLICY.kinds, **SHORT}})
    policy = only_what_courses_hold(policy)
    first = Day(of.last - 30)
    present = Present(Day(of.last - 1), of.last, Day(of.last - 1), calendars(of), ())
    found = [bands_in(crowd_of(of, first, said).states(policy, present))[0] for said in ([], [one])]
    wanted = [replay(policy, excused(of, said)).band[DAYS - 2, 0] for said in ({}, {"0": [one]})]
    assert found == wanted
    assert wanted[0] != wanted[1]
