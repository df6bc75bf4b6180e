"""The oracle is right where a person can check it, and shares nothing with what it checks."""

import ast
import inspect
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from connectors.oulad.files import shipped
from connectors.source import ActivityDay, Student
from ops.demo import oracle
from ops.demo.oracle import Closing, closings
from schemas.types import Day, Kind, Status
from scoring.policy import Policy, parse_policy
from tests.connectors.oulad.folders import oulad, write
from tests.connectors.world import SITE_KEY, day

FOR_EVER: Final = Day(2**31)


def policy(window_days: int, measure: str = "events") -> Policy:
    """Both kinds, over a window, one a week for all points."""
    rule = f"""{{weight: 1, window_days: {window_days}, measure: {measure},
      saturation_per_week: 7, feeds: [oulad]}}"""
    return parse_policy(f"""
version: 1
valid_from: 2013-01-01
title: For tests
minimum_counted_days: 1
minimum_weight_share: 0.5
thresholds: {{low: 20, partial: 40, good: 60, high: 80}}
kinds:
  moodle_course: {rule}
  faser_upload: {rule}
""")


def amounts(found: Sequence[Closing], kind: Kind) -> list[int]:
    """What was counted in the window of each closing."""
    return [
        part.amount for one in found for part in one.indicator.contributions if part.kind is kind
    ]


def only(folder: Path, rules: Policy, **rows: Sequence[str]) -> list[Closing]:
    """The closings of one student, registered for ten days from 1 October 2013."""
    registration = ["AAA,2013J,11,-30,"]
    folder = write(folder, **{"studentRegistration": registration, **rows})
    return list(closings(folder, rules, site_key=SITE_KEY.secret, last_day=FOR_EVER))


def test_there_is_a_closing_of_every_day_of_a_period_and_of_no_other(tmp_path: Path) -> None:
    rows = ["AAA,2013J,11,2,5", "AAA,2014J,11,-9,", "AAA,2013J,12,-9,0"]
    found = only(tmp_path, policy(7), studentRegistration=rows)
    expected = [*range(day("2013-10-03"), day("2013-10-06"))]
    expected += range(day("2014-10-01"), day("2014-10-11"))
    assert [one.day for one in found] == expected
    assert len({one.student for one in found}) == 1


def test_only_the_days_asked_for_are_closed(tmp_path: Path) -> None:
    everything = only(tmp_path, policy(7))
    some = closings(
        tmp_path,
        policy(7),
        site_key=SITE_KEY.secret,
        first_day=day("2013-10-03"),
        last_day=day("2013-10-05"),
    )
    assert list(some) == everything[2:5]


def test_a_window_holds_the_events_of_its_days(tmp_path: Path) -> None:
    clicks = [f"AAA,2013J,11,1,{on},{n}" for on, n in ((-1, 50), (0, 2), (0, 1), (2, 4), (9, 8))]
    found = only(tmp_path, policy(3), studentVle=clicks)
    # Day 0 with its two rows and day 2; the click before the period says nothing.
    assert amounts(found, Kind.MOODLE_COURSE) == [3, 3, 7, 4, 4, 0, 0, 0, 0, 8]


def test_days_are_counted_once_where_the_policy_counts_days(tmp_path: Path) -> None:
    clicks = ["AAA,2013J,11,1,0,5", "AAA,2013J,11,2,0,5", "AAA,2013J,11,1,1,1"]
    found = only(tmp_path, policy(3, "days"), studentVle=clicks)
    assert amounts(found, Kind.MOODLE_COURSE)[:5] == [1, 2, 2, 1, 0]


def test_an_upload_counts_once_and_a_banked_one_never(tmp_path: Path) -> None:
    rows = ["1752,11,3,False,78", "1752,11,3,False,79", "1752,11,4,True,80"]
    found = only(tmp_path, policy(1), studentAssessment=rows)
    assert amounts(found, Kind.FASER_UPLOAD) == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]


SHARES = parse_policy("""
version: 1
valid_from: 2013-01-01
title: For tests
minimum_counted_days: 1
minimum_weight_share: 0.5
thresholds: {low: 20, partial: 40, good: 60, high: 80}
kinds:
  faser_upload:
    {weight: 1, window_days: 4, measure: share, saturation_share: 1, feeds: [oulad]}
""")


def test_coursework_is_met_from_the_day_it_was_handed_in_and_due_on_its_own(
    tmp_path: Path,
) -> None:
    assessments = [
        "AAA,2013J,1,TMA,2,10",
        "AAA,2013J,2,TMA,3,10",
        "AAA,2013J,3,Exam,3,100",  # exams are expected of nobody
        "AAA,2013J,4,TMA,3,10",  # banked
        "AAA,2013J,5,TMA,,10",
    ]
    handed_in = ["1,11,4,0,78", "2,11,1,0,78", "4,11,0,1,78"]
    found = only(tmp_path, SHARES, assessments=assessments, studentAssessment=handed_in)
    parts = [one.indicator.contributions[0] for one in found]
    assert [(part.amount, part.due) for part in parts] == [
        (0, 0),
        (0, 0),
        (0, 1),  # day 2: the first is due
        (1, 2),  # day 3: the second too, and was handed in early
        (2, 2),  # day 4: the first came late
        (2, 2),
        (1, 1),  # day 6: the window holds days 3 to 6
        (0, 0),
        (0, 0),
        (0, 0),
    ]
    assert [part.counted for part in parts[:3]] == [False, False, True]


def test_the_score_follows_from_the_rate(tmp_path: Path) -> None:
    clicks = [f"AAA,2013J,11,1,{on},1" for on in range(4)]
    found = only(tmp_path, policy(7), studentVle=clicks, studentAssessment=[])
    fourth = found[3].indicator
    # Clicks on 4 of 4 days: a rate of 7 a week, all points of one of two equal kinds.
    assert (fourth.status, fourth.score) == (Status.SCORED, 50.0)
    # By day 8 the window of seven days holds days 2 to 8: two clicks, 2 / 7 of the points.
    assert found[8].indicator.score == 14.29


def test_what_comes_later_does_not_touch_a_closing(tmp_path: Path) -> None:
    clicks = ["AAA,2013J,11,1,1,3", "AAA,2013J,11,1,4,3"]
    before = only(tmp_path, policy(7), studentVle=clicks[:1], studentAssessment=[])
    after = only(tmp_path, policy(7), studentVle=clicks)
    assert after[:3] == before[:3]
    assert after[4:] != before[4:]


def test_it_reads_the_shipped_data_as_the_connector_does() -> None:
    """Two readers that share no code: every count of every student, kind and day is equal."""
    expected: Counter[tuple[int, int, Kind]] = Counter()
    enrolled: defaultdict[int, set[int]] = defaultdict(set)
    for item in oulad(shipped()).read():
        match item:
            case Student():
                for period in item.periods:
                    assert period.last is not None
                    enrolled[item.student].update(range(period.first, period.last + 1))
            case ActivityDay():
                for batch in item.batches:
                    students, counts = np.unique(batch.student, return_counts=True)
                    for student, count in zip(students.tolist(), counts.tolist(), strict=True):
                        if item.day in enrolled[student]:
                            expected[student, item.day, batch.kind] += count

    found: dict[tuple[int, int, Kind], int] = {}
    days: defaultdict[int, set[int]] = defaultdict(set)
    one_day = policy(1)
    for one in closings(shipped(), one_day, site_key=SITE_KEY.secret, last_day=FOR_EVER):
        days[one.student].add(one.day)
        for part in one.indicator.contributions:
            if part.amount:
                found[one.student, one.day, part.kind] = part.amount
    assert days == {student: span for student, span in enrolled.items() if span}
    assert found == expected


def test_it_shares_no_code_with_what_it_checks() -> None:
    tree = ast.parse(inspect.getsource(oracle))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    ours = {name for name in names if name.partition(".")[0] in ("schemas", "scoring")}
    plain = {"indicator", "items", "policy", "reference"}
    assert ours == {"schemas.types", *(f"scoring.{name}" for name in plain)}
    others = ("broker", "connectors", "streams", "sinks", "ops", "polars", "numpy", "confluent")
    assert not any(name.startswith(others) for name in names)
