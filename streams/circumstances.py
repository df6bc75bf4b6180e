"""What records of the topic of circumstances say."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import polars as pl

from broker.decoder import Decoded
from schemas.keys import student_and_name
from schemas.types import CircumstanceSort, Day, Kind, StudentId
from scoring.circumstance import Circumstance
from streams.last_said import last_said

Name: TypeAlias = tuple[StudentId, str]
"""A record's key: the student, and what the circumstance is known by."""
Said: TypeAlias = Mapping[Name, Circumstance | None]
"""Of each the last record; None: it was deleted, or names nothing that is known here."""


def circumstances_in(decoded: Sequence[Decoded]) -> Said:
    """What decoded slices say, in order of offset."""
    return last_said(decoded, _rows, student_and_name, None)


def circumstances_in_frame(frame: pl.DataFrame) -> Said:
    """What records say that lie in order of offset, as far as each student's go."""
    return dict(_rows(frame))


def _rows(frame: pl.DataFrame) -> Sequence[tuple[Name, Circumstance | None]]:
    return [
        ((StudentId(row["student"]), row["circumstance"]), _circumstance(row))
        for row in frame.iter_rows(named=True)
    ]


def _circumstance(row: dict[str, object]) -> Circumstance | None:
    match row:
        case {
            "student": int(student),
            "sort": str(sort),
            "kinds": list(kinds),
            "first_day": int(first),
            "last_day": int(last),
            "extend_days": int(extend_days),
            "declared_on": int(declared_on),
            "withdrawn_on": int() | None as withdrawn_on,
        } if sort in set(CircumstanceSort):
            known = tuple(sorted(Kind(k["kind"]) for k in kinds if k["kind"] in set(Kind)))
            if kinds and not known:
                return None
            return Circumstance(
                StudentId(student),
                CircumstanceSort(sort),
                known,
                Day(first),
                Day(last),
                extend_days,
                Day(declared_on),
                None if withdrawn_on is None else Day(withdrawn_on),
            )
    return None
