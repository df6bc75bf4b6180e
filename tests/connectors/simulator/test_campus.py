"""A simulated campus: the same for the same seed, and true to its truth."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.configuration import read_configuration
from connectors.dry import DRY_DESTINATION, Everybody, Nowhere
from connectors.options import Setting
from connectors.positions import MemoryPositions
from connectors.run import Surroundings, run
from connectors.simulator.campus import CONFIGURATION, TRUTH, Campus, write_campus
from connectors.simulator.plan import Behaviour, Plan
from schemas.types import Kind
from tests.connectors.connected import CAMPUS
from tests.connectors.world import SITE_KEY, ZONE

NOW_MS = 1_790_000_000_000  # after every term below
FIRST = date(2025, 10, 6)
NO_FAULTS: dict[str, Any] = {"duplicate_share": 0.0, "late_share": 0.0, "disorder": 0}

PLANS = st.builds(
    Plan,
    seed=st.integers(0, 1000),
    students=st.integers(1, 8),
    first=st.sampled_from([FIRST, date(2026, 1, 12), date(2026, 3, 23)]),  # with clock changes
    weeks=st.integers(1, 7),
    duplicate_share=st.sampled_from([0.0, 0.2, 1.0]),
    late_share=st.sampled_from([0.0, 0.2, 1.0]),
    disorder=st.sampled_from([0, 5]),
    outages=st.integers(0, 4),
    shared_cards=st.integers(0, 4),
)


def published(folder: Path) -> dict[str, Counter[Kind]]:
    """What the real connectors make of the files, by identifier; each read without a fault."""
    found: dict[str, Counter[Kind]] = {}
    people = Everybody()
    for name, source in read_configuration(folder / CONFIGURATION).items():
        around = Surroundings(site_key=SITE_KEY, people=people, zone=CAMPUS, now_ms=lambda: NOW_MS)
        built = source.build(Setting(name, name, CAMPUS))
        account = run(built, Nowhere(), DRY_DESTINATION, MemoryPositions(), around)
        assert account.is_reconciled
        assert not account.quarantined
        assert not account.skipped
        for student, kinds in account.students.items():
            found.setdefault(people.names[student], Counter()).update(kinds)
    return found


def expected(folder: Path) -> dict[str, Counter[Kind]]:
    """What the truth says of it: what happened, less and more what the faults did."""
    truth: dict[str, Any] = json.loads((folder / TRUTH).read_text())
    faults = truth["faults"]
    found: dict[str, Counter[Kind]] = {}
    for student, names in truth["students"].items():
        counts: Counter[str] = Counter()
        for day in truth["events"][student].values():
            counts.update(day)
        counts.subtract(faults["lost"].get(student, {}))
        counts.update(faults["repeated"].get(student, {}))
        counts.update(faults["taps_moved_by_shared_cards"].get(student, {}))
        for kind, count in counts.items():
            scheme = f"student:{student}"
            if kind == Kind.TAP_IN:
                scheme = f"card:{names['card']}"
            elif kind == Kind.PC_LOGIN:
                scheme = f"username:{names['username']}"
            elif kind in (Kind.MOODLE_COURSE, Kind.MOODLE_LOGIN, Kind.MOODLE_MOBILE):
                scheme = f"moodle:{names['moodle']}"
            if count:
                found.setdefault(scheme, Counter())[Kind(kind)] = count
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLANS)
def test_what_connectors_publish_is_what_the_truth_says_for_each_person_and_kind(
    tmp_path: Path, plan: Plan
) -> None:
    write_campus(plan, tmp_path, ZONE)
    assert published(tmp_path) == expected(tmp_path)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PLANS)
def test_the_same_plan_gives_the_same_bytes(tmp_path: Path, plan: Plan) -> None:
    write_campus(plan, tmp_path, ZONE)
    once = files(tmp_path)
    write_campus(plan, tmp_path, ZONE)
    assert files(tmp_path) == once


def plan(seed: int = 1, students: int = 200, weeks: int = 8, **faults: Any) -> Plan:
    return Plan(seed, students, FIRST, weeks, **faults)


@pytest.fixture
def campus(tmp_path: Path) -> Campus:
    return write_campus(plan(), tmp_path, ZONE)


def test_another_seed_gives_another_campus(tmp_path: Path) -> None:
    write_campus(plan(1, 10), tmp_path / "one", ZONE)
    write_campus(plan(2, 10), tmp_path / "other", ZONE)
    assert (tmp_path / "one" / "taps.csv").read_bytes() != (
        tmp_path / "other" / "taps.csv"
    ).read_bytes()


def test_all_ten_kinds_are_there_in_files_and_in_the_truth(campus: Campus, tmp_path: Path) -> None:
    assert {act.kind for act in campus.acts} == set(Kind)
    truth: dict[str, Any] = json.loads((tmp_path / TRUTH).read_text())
    told: Counter[str] = Counter()
    for days in truth["events"].values():
        for counts in days.values():
            told.update(counts)
    assert told == Counter(act.kind.value for act in campus.acts)
    read: Counter[Kind] = Counter()
    for kinds in published(tmp_path).values():
        read.update(kinds)
    assert set(read) == set(Kind)


def test_every_behaviour_is_there_and_is_what_it_is_called(campus: Campus) -> None:
    taps: dict[Behaviour, Counter[int]] = {behaviour: Counter() for behaviour in Behaviour}
    for act in campus.acts:
        if act.kind is Kind.TAP_IN:
            person = campus.people[act.number - 1]
            week = (act.at.date() - FIRST).days // 7
            is_ill = 0 <= week - person.ill_from_week < 2
            assert not (person.behaviour is Behaviour.ILL and is_ill)
            taps[person.behaviour][week] += 1
    assert taps[Behaviour.FADING][0] > 3 * taps[Behaviour.FADING][7]
    assert taps[Behaviour.BURSTY][0] > 3 * taps[Behaviour.BURSTY][1]
    steady = taps[Behaviour.STEADY]
    assert 0.8 < steady[0] / steady[7] < 1.25
    assert steady[4] == 0  # the reading week


def test_each_fault_that_is_asked_for_is_there_and_no_other(tmp_path: Path) -> None:
    none = write_campus(plan(outages=0, shared_cards=0, **NO_FAULTS), tmp_path / "none", ZONE)
    summary = none.summary()
    faults = ("repeated", "lost", "late", "out_of_order", "outages", "shared_cards")
    assert [summary[name] for name in faults] == [0] * 6
    every = write_campus(plan(outages=8, shared_cards=3), tmp_path / "every", ZONE).summary()
    assert all(every[name] for name in faults)
    assert none.acts == write_campus(plan(outages=8), tmp_path / "same", ZONE).acts


def test_a_tap_meets_a_session_of_the_timetable(tmp_path: Path) -> None:
    written = write_campus(plan(students=5, weeks=2), tmp_path, ZONE)
    sessions = (tmp_path / "timetable.csv").read_text()
    for act in written.acts:
        if act.kind is Kind.TAP_IN:
            assert f"{act.module}/{act.at.date()}" in sessions
