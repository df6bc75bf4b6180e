"""The demonstration's oracle: every closing, straight from the files of the source.

It exists to disagree. It shares no code with connectors, broker, streams and the scoring kernel:
files, days, periods and pseudonyms are read here once more, in the plainest way, and scored by
`scoring.reference`, one student and one day at a time. What the pipeline published has to be
equal to the last digit. Files with mistakes are none of its business: they end it.
"""

import csv
import gzip
import hmac
import io
import lzma
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources.abc import Traversable
from typing import NamedTuple

from schemas.types import Day, Kind, StudentId
from scoring.indicator import Indicator
from scoring.items import Item
from scoring.policy import Policy
from scoring.reference import evaluate

_FULL_DAY_PERCENT = 100


class Closing(NamedTuple):
    """The indicator of a student as it stood at the end of a campus day."""

    student: StudentId
    day: Day
    indicator: Indicator


@dataclass(slots=True)
class _Student:
    days: set[Day] = field(default_factory=set)
    """The campus days of the student's periods."""
    clicks: Counter[Day] = field(default_factory=Counter)
    uploads: set[tuple[str, Day]] = field(default_factory=set)
    """Assessment and campus day: the same row twice is one submission."""
    due: dict[str, Day] = field(default_factory=dict)
    """By assessment: those due within a period of the student's, on their campus days."""

    def items(self) -> list[Item]:
        """Each piece of coursework due, and the first day on which it was handed in."""
        return [
            Item(due, min((day for one, day in self.uploads if one == number), default=None))
            for number, due in self.due.items()
        ]


def closings(
    folder: Traversable,
    policy: Policy,
    *,
    site_key: bytes,
    last_day: Day,
    first_day: Day | None = None,
) -> Iterator[Closing]:
    """Each closing from `first_day` to `last_day`, both included, by student number and day.

    A student has a closing of every day in one of the student's periods, and of no other. A day
    outside of the periods says nothing; every day has full weight. What happens after a day does
    not touch its closing.
    """
    for number, student in sorted(_students(folder).items()):
        counts: Mapping[Kind, Mapping[Day, int]] = {
            Kind.MOODLE_COURSE: student.clicks,
            Kind.FASER_UPLOAD: Counter(day for _, day in student.uploads),
        }
        items = {Kind.FASER_UPLOAD: student.items()}
        pseudonym, counted = _pseudonym(site_key, number), _lies_in(student.days)
        for day in sorted(student.days):
            if day <= last_day and (first_day is None or day >= first_day):
                indicator = evaluate(
                    policy,
                    counts=counts,
                    complete=day,
                    as_of=Day(day + 1),
                    seen=day,
                    weight_percent=_weight_percent,
                    counted=counted,
                    items=items,
                )
                yield Closing(pseudonym, day, indicator)


def _students(folder: Traversable) -> Mapping[int, _Student]:
    starts: dict[tuple[str, str], int] = {}
    lengths: dict[tuple[str, str], int] = {}
    for row in _rows(folder, "courses"):
        year, month = int(row["code_presentation"][:4]), {"B": 2, "J": 10}
        first = date(year, month[row["code_presentation"][4]], 1)
        starts[_presentation(row)] = (first - date(1970, 1, 1)).days
        lengths[_presentation(row)] = int(row["module_presentation_length"])

    due: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in _rows(folder, "assessments"):
        if row["date"] and row["assessment_type"] != "Exam":
            due[_presentation(row)][row["id_assessment"]] = int(row["date"])

    students: defaultdict[int, _Student] = defaultdict(_Student)
    for row in _rows(folder, "studentRegistration"):
        first_date, last_date = 0, lengths[_presentation(row)] - 1
        if row["date_registration"]:
            first_date = max(first_date, int(row["date_registration"]))
        if row["date_unregistration"]:
            last_date = min(last_date, int(row["date_unregistration"]) - 1)
        start = starts[_presentation(row)]
        student = students[int(row["id_student"])]
        student.days.update(Day(start + d) for d in range(first_date, last_date + 1))
        for number, date_due in due[_presentation(row)].items():
            if first_date <= date_due <= last_date:
                student.due[number] = Day(start + date_due)

    for row in _rows(folder, "studentVle"):
        day = Day(starts[_presentation(row)] + int(row["date"]))
        students[int(row["id_student"])].clicks[day] += int(row["sum_click"])

    start_of = {
        row["id_assessment"]: starts[_presentation(row)] for row in _rows(folder, "assessments")
    }
    for row in _rows(folder, "studentAssessment"):
        student = students[int(row["id_student"])]
        if row["is_banked"] in ("1", "True", "true"):
            student.due.pop(row["id_assessment"], None)
        else:
            day = Day(start_of[row["id_assessment"]] + int(row["date_submitted"]))
            student.uploads.add((row["id_assessment"], day))
    return students


def _presentation(row: Mapping[str, str]) -> tuple[str, str]:
    return row["code_module"], row["code_presentation"]


def _rows(folder: Traversable, name: str) -> Iterator[dict[str, str]]:
    (file,) = (entry for entry in folder.iterdir() if entry.name.startswith(name))
    packed = file.read_bytes()
    unpack: dict[str, Callable[[bytes], bytes]] = {
        "gz": gzip.decompress,
        "xz": lzma.decompress,
        "csv": bytes,
    }
    text = unpack[file.name.rpartition(".")[2]](packed).decode("utf-8-sig")
    return csv.DictReader(io.StringIO(text, newline=""))


def _pseudonym(site_key: bytes, number: int) -> StudentId:
    digest = hmac.digest(site_key, f"student\0oulad\0{number}".encode(), "sha256")
    return StudentId(int.from_bytes(digest, "big") % 2**53)


def _weight_percent(day: Day) -> int:
    return _FULL_DAY_PERCENT


def _lies_in(days: set[Day]) -> Callable[[Kind, Day], bool]:
    return lambda kind, day: day in days
