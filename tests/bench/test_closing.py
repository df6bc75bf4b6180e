"""What the closing benchmark calls "everything in use" is in use."""

import json

import numpy as np
from typer.testing import CliRunner

from bench.busy_campus import (
    busy_calendars,
    busy_excuses,
    busy_items,
    busy_lacks,
    busy_policy,
    busy_students,
)
from schemas.types import KINDS, Day, Kind
from scoring.due_items import NEVER
from scoring.rules import NotScored
from streams import servable
from streams.grouping import Grouping
from streams.horizon import LIVE_AHEAD_DAYS, Horizon
from tests.leap import app

TODAY = Day(20_000)
COUNT = 2_000
HORIZON = Horizon(look_back=70, amendment=14, ahead=LIVE_AHEAD_DAYS)
DAYS = np.arange(TODAY - HORIZON.look_back + 1, TODAY + 1)
ROWS = np.arange(COUNT)
STUDENTS = busy_students(COUNT, TODAY, np.random.default_rng(1))


def test_both_campuses_close_their_day() -> None:
    done = CliRunner().invoke(
        app, ["bench", "closing", "--students", "1000", "--partitions", "2", "--json"]
    )
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert list(record) == ["closing", "busy_closing"]
    for campus in record.values():
        assert campus["students"] == 1_000
        assert campus["close_seconds_per_million_students"] > 0
        assert campus["close_cpu_seconds_per_million_students"] > 0


def test_workers_serve_the_policy_and_several_of_its_rules_hold_for_some() -> None:
    policy = busy_policy()
    servable.check(policy, look_back=HORIZON.look_back, amendment=HORIZON.amendment)
    day = np.array([TODAY])
    groups = Grouping(STUDENTS).groups(policy, ROWS, days=day, otherwise=day)
    assert groups is not None
    used = [groups.resolved[place] for place in np.unique(groups.of)]
    assert sum(isinstance(rules, NotScored) for rules in used) == 2
    assert sum(not isinstance(rules, NotScored) for rules in used) == 8
    assert policy.alerts


def test_days_weigh_nothing_half_and_a_whole_and_feeds_lack_two() -> None:
    weights = busy_calendars(TODAY).on(TODAY).weights(DAYS)
    assert set(weights.tolist()) == {0, 25, 50, 100}
    for kind, rule in busy_policy().kinds.items():
        lacking = busy_lacks(TODAY).among(rule.feeds, DAYS, TODAY)
        has_gap = kind in (Kind.TAP_IN, *(kind for kind in KINDS if kind.startswith("moodle")))
        assert (0 if lacking is None else lacking.sum()) == has_gap


def test_about_one_in_twenty_is_excused_some_from_some_kinds_only_some_with_more_time() -> None:
    excuses = busy_excuses(STUDENTS, HORIZON, TODAY)
    excused = excuses.known_to(TODAY, DAYS, ROWS)
    for kind, least in ((Kind.TAP_IN, 0.04), (Kind.MOODLE_COURSE, 0.025)):
        days = excused.of(kind)
        assert days is not None
        assert least * COUNT < days.any(axis=0).sum() < 0.06 * COUNT
    items = busy_items(STUDENTS, excuses, HORIZON, TODAY)
    plain = busy_items(STUDENTS, busy_excuses(STUDENTS, HORIZON, Day(TODAY - 500)), HORIZON, TODAY)
    held, usual = (
        one.held(Kind.FASER_UPLOAD, ROWS, int(DAYS[0]), TODAY, TODAY) for one in (items, plain)
    )
    assert 0.7 < (held.met < NEVER).mean() < 0.95
    assert (held.met > held.due).any()
    assert held.due.tolist() != usual.due.tolist()


def test_some_came_late_some_have_left_and_some_have_changed_to_part_time() -> None:
    enrolled = STUDENTS.enrolled(DAYS, ROWS)
    assert 0.02 * COUNT < (~enrolled[0]).sum() < 0.05 * COUNT
    assert 0.01 * COUNT < (~enrolled[-1]).sum() < 0.05 * COUNT
    places = STUDENTS.places(DAYS, ROWS)
    assert (places[0] != places[-1]).sum() > 0.05 * COUNT
