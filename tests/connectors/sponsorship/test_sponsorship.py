"""A list of sponsored students: each row accounted for, and whose record it changes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from connectors.list_file import RefusedRow
from connectors.list_plan import Plan
from connectors.people import ERASED, UNKNOWN
from connectors.sponsorship.file import SponsorshipFile, SponsorshipRow
from connectors.sponsorship.plan import Sponsorship, changed_students, plan
from schemas.errors import SourceError
from schemas.reasons import Reason
from schemas.types import StudentId
from tests.connectors.connected import CAMPUS
from tests.connectors.world import day

HEADER = "student,first,last,nationality\n"
WHO = {"S1": 1, "S2": 2, "S3": 3, "gone": ERASED}
S1 = "S1,2024-09-23,2025-06-30,a secret"
S2 = "S2,2024-09-23,,"


def rows_of(folder: Path, *lines: str) -> list[SponsorshipRow | RefusedRow]:
    path = folder / "sponsored.csv"
    path.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return list(SponsorshipFile(path, CAMPUS).rows())


def whose(identifiers: Sequence[str]) -> NDArray[np.int64]:
    return np.array([WHO.get(text, UNKNOWN) for text in identifiers], np.int64)


def planned(folder: Path, *lines: str, holding: Sequence[Sponsorship] = ()) -> Plan[Sponsorship]:
    return plan(rows_of(folder, *lines), whose, holding)


def after(plan: Plan[Sponsorship], holding: Sequence[Sponsorship]) -> set[Sponsorship]:
    """What holds when the records are published, of which each says all of its student."""
    changed = changed_students(plan, holding)
    return {one for one in holding if one.student not in changed} | {
        Sponsorship(student, *span) for student, spans in changed.items() for span in spans
    }


def test_a_row_says_who_is_sponsored_and_when_and_nothing_else(tmp_path: Path) -> None:
    made = planned(tmp_path, S1, S2)
    assert made.declared == [
        Sponsorship(StudentId(1), day("2024-09-23"), day("2025-06-30")),
        Sponsorship(StudentId(2), day("2024-09-23"), None),
    ]
    (row, _) = rows_of(tmp_path, S1, S2)
    assert isinstance(row, SponsorshipRow)
    assert {name for name in dir(row) if not name.startswith("_")} == {
        *("identifier", "first", "last", "file", "line", "raw", "refused")
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",2024-09-23,2025-06-30,", Reason.MISSING_VALUE),
        ("S1,,2025-06-30,", Reason.MISSING_VALUE),
        ("S1,2024-02-30,2025-06-30,", Reason.IMPOSSIBLE_DATE),
        ("S1,2024-09-23,soon,", Reason.UNREADABLE_TIME),
        ("S1,2024-09-23,2024-09-22,", Reason.IMPOSSIBLE_DATE),
        ("S1,2024-09-23,2094-09-22,", Reason.IMPOSSIBLE_DATE),
        ("S9,2024-09-23,2025-06-30,", Reason.UNKNOWN_IDENTITY),
        ("S2,2025-01-01,2025-06-30,", Reason.IMPOSSIBLE_DATE),
        ("S2,2020-01-01,2024-09-23,", Reason.IMPOSSIBLE_DATE),
    ],
)
def test_a_row_that_is_wrong_is_refused_with_its_line_and_its_neighbours_are_taken(
    tmp_path: Path, line: str, reason: Reason
) -> None:
    made = planned(tmp_path, S2, line, S1.replace("S1", "S3"))
    assert [(one.line, one.reason) for one in made.refused] == [(3, reason)]
    assert [one.student for one in made.declared] == [2, 3]


def test_a_list_without_its_columns_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    """Nor is one that does not say when periods end: all of them would be open."""
    held = planned(tmp_path, S1).declared
    path = tmp_path / "other.csv"
    path.write_text("student,first\nS1,2024-09-23\n")
    made = plan(SponsorshipFile(path, CAMPUS).rows(), whose, held)
    assert [one.reason for one in made.refused] == [Reason.MISSING_COLUMN]
    assert changed_students(made, held) == {}
    with pytest.raises(SourceError, match=r"none\.csv"):
        list(SponsorshipFile(tmp_path / "none.csv", CAMPUS).rows())


def test_a_record_says_all_periods_of_its_student_in_order(tmp_path: Path) -> None:
    later = "S1,2025-09-22,,"
    held = planned(tmp_path, S1).declared
    made = planned(tmp_path, later, S1, S2, holding=held)
    first, second = (day("2024-09-23"), day("2025-06-30")), (day("2025-09-22"), None)
    assert changed_students(made, held) == {1: [first, second], 2: [(day("2024-09-23"), None)]}
    assert changed_students(planned(tmp_path, S1, later, holding=held), held)[StudentId(1)] == [
        first,
        second,
    ]


def test_who_stands_in_no_row_any_more_or_was_erased_is_not_sponsored(tmp_path: Path) -> None:
    held = planned(tmp_path, S1, S2).declared
    made = planned(tmp_path, S1.replace("S1", "gone"), S2, holding=held)
    assert (made.erased, changed_students(made, held)) == (1, {1: []})


def test_while_a_row_is_refused_what_it_may_have_said_still_holds(tmp_path: Path) -> None:
    held = planned(tmp_path, S1, S2).declared
    made = planned(tmp_path, "S1,2024-09-23,soon,", holding=held)
    assert changed_students(made, held) == {2: []}
    for unclear in ("S9,2024-09-23,2025-06-30,", ",2024-09-23,2025-06-30,"):
        made = planned(tmp_path, unclear, holding=held)
        assert (changed_students(made, held), made.kept) == ({}, 2)


LINES = st.lists(
    st.builds(
        lambda student, first, days: (
            f"{student},2024-10-{first:02},"
            + ("" if days is None else f"2024-10-{first + days:02}")
        ),
        st.sampled_from(["S1", "S2", "nobody", "gone"]),
        st.integers(1, 20),
        st.none() | st.integers(-1, 5),
    ).map(lambda line: line + ","),
    max_size=8,
)


@given(before=LINES, now=LINES)
def test_whatever_is_published_the_next_list_leads_to_what_it_says_alone(
    before: list[str], now: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    held = planned(folder, *before).declared
    made, alone = planned(folder, *now, holding=held), planned(folder, *now)
    assert made.read == len(now)
    assert made.read == made.held + made.erased + len(made.declared) + len(made.refused)
    holds, wanted = after(made, held), set(alone.declared)
    assert wanted <= holds <= wanted | set(held)
    if not made.refused:
        assert holds == wanted
    again = planned(folder, *now, holding=sorted(holds, key=lambda one: one.content[:2]))
    assert changed_students(again, list(holds)) == {}
