"""What records of the topic of students say: in which periods somebody studies, and how."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import islice, starmap
from typing import Final, TypeAlias

import polars as pl

from broker.decoder import Decoded
from schemas.types import StudentId
from scoring.profile import Profile
from streams.students import Period

SaidOfStudents: TypeAlias = Mapping[StudentId, tuple[Period, ...] | None]
"""Of each the last record; None: it was deleted, as if nothing had ever been said."""

_OF_PROFILE: Final = ("level", "mode", "programme", "status")


def periods_in(decoded: Sequence[Decoded]) -> SaidOfStudents:
    """What decoded slices say, in order of offset."""
    said: dict[StudentId, tuple[Period, ...] | None] = {}
    for part in decoded:
        said |= _in_frame(part.rows.values) if len(part.rows.offsets) else {}
        if part.tombstones:
            offsets = part.rows.offsets.tolist()
            students = part.rows.values["student"].to_list() if offsets else []
            last = dict(zip(students, offsets, strict=True))
            for deleted in part.tombstones:
                student = StudentId(int.from_bytes(deleted.key))
                if deleted.offset > last.get(student, -1):
                    said[student] = None
    return said


def _in_frame(frame: pl.DataFrame) -> dict[StudentId, tuple[Period, ...] | None]:
    records = frame.select("student", "periods", number=pl.col("periods").list.len())
    flat = records.filter(pl.col("number") > 0)["periods"].explode().struct.unnest()
    words = map(flat.__getitem__, _OF_PROFILE)
    told = map(Period, flat["from"], flat["to"], starmap(_profile, zip(*words, strict=True)))
    return {
        StudentId(student): tuple(islice(told, number))
        for student, number in records.select("student", "number").iter_rows()
    }


@cache
def _profile(level: str, mode: str, programme: str, status: str) -> Profile:
    """Few are distinct; each is made once."""
    return Profile(level, mode, programme, status)
