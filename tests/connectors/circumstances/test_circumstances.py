"""A file of circumstances: each row accounted for, and what it changes of what holds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from connectors.circumstances.file import CircumstanceFile, CircumstanceRow
from connectors.circumstances.plan import plan
from connectors.list_file import RefusedRow
from connectors.list_plan import Plan
from connectors.people import ERASED, UNKNOWN
from schemas.errors import SourceError
from schemas.reasons import Reason
from schemas.types import CircumstanceSort, Day, Kind
from scoring.circumstance import Circumstance
from tests.connectors.connected import CAMPUS
from tests.connectors.world import day

HEADER = "student,sort,kinds,first,last,extend_days,why\n"
WHO = {"S1": 1, "S2": 2, "S3": 3, "gone": ERASED}
TODAY = Day(20_000)


def rows_of(folder: Path, *lines: str) -> list[CircumstanceRow | RefusedRow]:
    path = folder / "circumstances.csv"
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return list(CircumstanceFile(path, CAMPUS).rows())


def whose(identifiers: Sequence[str]) -> NDArray[np.int64]:
    return np.array([WHO.get(text, UNKNOWN) for text in identifiers], np.int64)


def planned(
    folder: Path, *lines: str, holding: Sequence[Circumstance] = (), today: Day | None = TODAY
) -> Plan[Circumstance]:
    return plan(rows_of(folder, *lines), whose, holding, today)


def reasons(plan: Plan[Circumstance]) -> list[tuple[int, Reason]]:
    return [(one.line, one.reason) for one in plan.refused]


S1 = "S1,placement,,2024-10-01,2024-10-14,,"
S2 = "S2,authorised_absence,tap_in; pc_login,2024-10-03,2024-10-03,7,a secret"


def test_a_row_says_who_is_excused_from_what_and_never_why(tmp_path: Path) -> None:
    made = planned(tmp_path, S1, S2)
    one, other = made.declared
    assert one.content == (
        1,
        CircumstanceSort.PLACEMENT,
        (),
        day("2024-10-01"),
        day("2024-10-14"),
        0,
    )
    assert other.kinds == (Kind.PC_LOGIN, Kind.TAP_IN)
    assert (other.extend_days, other.declared_on, other.withdrawn_on) == (7, TODAY, None)
    assert "secret" not in repr(other)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",placement,,2024-10-01,2024-10-14,,", Reason.MISSING_VALUE),
        ("S1,,,2024-10-01,2024-10-14,,", Reason.MISSING_VALUE),
        ("S1,holiday,,2024-10-01,2024-10-14,,", Reason.UNKNOWN_VALUE),
        ("S1,placement,gym,2024-10-01,2024-10-14,,", Reason.UNKNOWN_VALUE),
        ("S1,placement,,2024-02-30,2024-10-14,,", Reason.IMPOSSIBLE_DATE),
        ("S1,placement,,2024-10-14,2024-10-01,,", Reason.IMPOSSIBLE_DATE),
        ("S1,placement,,2024-10-14,2094-10-01,,", Reason.IMPOSSIBLE_DATE),
        ("S1,placement,,2024-10-14,,,", Reason.MISSING_VALUE),
        ("S1,placement,,2024-10-01,2024-10-14,-1,", Reason.NEGATIVE_AMOUNT),
        ("S1,placement,,2024-10-01,2024-10-14,soon,", Reason.NOT_A_NUMBER),
        ("S1,placement,,2024-10-01,2024-10-14,61,", Reason.NOT_A_NUMBER),
        ("S9,placement,,2024-10-01,2024-10-14,,", Reason.UNKNOWN_IDENTITY),
        ("S2,placement,tap_in,2024-10-01,2024-10-03,,", Reason.IMPOSSIBLE_DATE),
    ],
)
def test_a_row_that_is_wrong_is_refused_with_its_line_and_its_neighbours_are_taken(
    tmp_path: Path, line: str, reason: Reason
) -> None:
    made = planned(tmp_path, S2, line, S1.replace("S1", "S3"))
    assert reasons(made) == [(3, reason)]
    assert [one.student for one in made.declared] == [2, 3]


def test_other_kinds_on_the_same_days_do_not_overlap(tmp_path: Path) -> None:
    made = planned(tmp_path, S2, "S2,placement,moodle_course,2024-10-01,2024-10-03,,")
    assert (len(made.declared), made.refused) == (2, [])


def test_a_file_without_its_columns_is_refused_and_withdraws_nothing(tmp_path: Path) -> None:
    (held,) = planned(tmp_path, S1).declared
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    made = plan(CircumstanceFile(path, CAMPUS).rows(), whose, [held], TODAY)
    assert ([one.reason for one in made.refused], made.withdrawn) == ([Reason.MISSING_COLUMN], [])
    with pytest.raises(SourceError, match=r"none\.csv"):
        list(CircumstanceFile(tmp_path / "none.csv", CAMPUS).rows())


def test_a_file_read_again_changes_nothing_and_a_row_that_stands_there_twice_is_one(
    tmp_path: Path,
) -> None:
    held = planned(tmp_path, S1, S2, S1).declared
    assert len(held) == 2
    again = planned(tmp_path, S2, S1, holding=held, today=Day(TODAY + 9))
    assert (again.declared, again.withdrawn, again.held) == ([], [], 2)


def test_a_changed_row_is_a_withdrawal_and_another_and_one_left_out_is_withdrawn(
    tmp_path: Path,
) -> None:
    one, other = planned(tmp_path, S1, S2).declared
    later = Day(TODAY + 9)
    made = planned(tmp_path, S1.replace("14", "12"), holding=[one, other], today=later)
    assert made.withdrawn == [one.withdrawn(later), other.withdrawn(later)]
    (new,) = made.declared
    assert new.last == one.last - 2
    assert new.declared_on == later
    assert new.name != one.name


def test_while_a_row_is_refused_what_it_may_have_said_is_not_withdrawn(tmp_path: Path) -> None:
    held = planned(tmp_path, S1, S2).declared
    made = planned(tmp_path, "S1,placement,,2024-10-01,soon,,", holding=held)
    assert [one.student for one in made.withdrawn] == [2]
    assert made.kept == 1
    for unclear in ("S7,placement,,2024-10-01,2024-10-14,,", ",placement,,2024-10-01,2024-10-14,,"):
        made = planned(tmp_path, unclear, holding=held)
        assert (made.withdrawn, made.kept) == ([], 2)


def test_who_was_erased_is_left_out_and_what_held_is_withdrawn(tmp_path: Path) -> None:
    held = planned(tmp_path, S1).declared
    made = planned(tmp_path, S1.replace("S1", "gone"), holding=held)
    assert (made.erased, made.declared, len(made.withdrawn)) == (1, [], 1)


def test_before_any_day_is_closed_every_closing_knows_what_the_file_says(tmp_path: Path) -> None:
    (held,) = planned(tmp_path, S1, today=None).declared
    assert held.declared_on == held.first
    (withdrawn,) = planned(tmp_path, holding=[held], today=None).withdrawn
    assert not any(withdrawn.is_known_to(Day(day), 14) for day in range(0, 30_000, 7))


LINES = st.lists(
    st.builds(
        lambda student, kinds, first, days: (
            f"{student},placement,{kinds},2024-10-{first:02},2024-10-{first + days:02},,"
        ),
        st.sampled_from(["S1", "S2", "nobody"]),
        st.sampled_from(["", "tap_in", "tap_in pc_login", "gym"]),
        st.integers(1, 20),
        st.integers(-1, 5),
    ),
    max_size=8,
)


@given(before=LINES, after=LINES)
def test_whatever_is_published_the_next_file_leads_to_what_it_says_alone(
    before: list[str], after: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    held = planned(folder, *before).declared
    made = planned(folder, *after, holding=held)
    alone = planned(folder, *after)
    assert made.read == len(after) == made.held + len(made.declared) + len(made.refused)
    gone = {one.content for one in made.withdrawn}
    holding = {one.content for one in (*held, *made.declared)} - gone
    assert len(made.withdrawn) + made.kept + len(holding) >= len(held)
    assert {one.content for one in alone.declared} <= holding
    if not made.refused:
        assert {one.content for one in alone.declared} == holding
