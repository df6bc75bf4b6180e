"""docs/POLICY.md, executed: its examples are what the reference and the kernel give."""

import re
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
import yaml
from pydantic import BaseModel

from schemas.types import Band, Day, Kind
from scoring.calendar import Calendar, Entry, Sort
from scoring.days import date_of, day_of
from scoring.documents import Document
from scoring.explanation import Explanation, explain
from scoring.items import Item
from scoring.next_band import Step
from scoring.policy import Policy, parse_policy
from scoring.problems import field_names
from scoring.reference import evaluate
from scoring.student_days import Moment, StudentDays

TEXT: Final = (Path(__file__).parent.parent.parent / "docs" / "POLICY.md").read_text()
LINE: Final = " ".join(TEXT.split())
DEFAULT: Final[Policy] = parse_policy(
    files("scoring").joinpath("policies/default.yaml").read_text()
)


def table(header: str) -> list[dict[str, str]]:
    """The rows of the table whose first column is called `header`, by column."""
    lines = iter(TEXT.splitlines())
    names = next(line for line in lines if line.startswith(f"| {header} |"))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append(dict(zip(cells(names), cells(line), strict=True)))
    return rows


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


BANDS = table("band")


@pytest.mark.parametrize("row", BANDS, ids=[row["band"] for row in BANDS])
def test_the_habits_of_a_band_lead_to_its_score(row: dict[str, str]) -> None:
    today, weeks = Day(20_006), 10
    counts: dict[Kind, Mapping[Day, int]] = {}
    items = list[Item]()
    for kind in DEFAULT.kinds:
        if row[kind] == "nothing due":
            continue
        met_of_due = re.fullmatch(r"(\d) of (\d)", row[kind])
        if met_of_due is None:
            days = [
                Day(today - 7 * week - day)
                for week in range(weeks)
                for day in range(int(row[kind]))
            ]
            counts[kind] = dict.fromkeys(days, 1)
        else:
            met, due = (int(number) for number in met_of_due.groups())
            last = [Day(today - 14 * number) for number in range(due)]  # within 56 days
            items = [Item(day, day if place < met else None) for place, day in enumerate(last)]
    indicator = evaluate(
        DEFAULT,
        counts=counts,
        items={Kind.FASER_UPLOAD: items},
        complete=today,
        as_of=Day(today + 1),
        seen=today,
        weight_percent=lambda _: 100,
        counted=lambda _kind, _day: True,
    )
    assert indicator.band == row["band"].replace(" ", "_")
    assert indicator.score == float(row["score"])


def test_every_band_has_its_row_highest_first() -> None:
    assert [row["band"].replace(" ", "_") for row in BANDS] == list(Band)[:0:-1]


class _Span(BaseModel):
    first: date
    last: date
    weight: int = 0
    what: str = ""

    def covers(self, day: Day) -> bool:
        return day_of(self.first) <= day <= day_of(self.last)


class _Work(BaseModel):
    due: date
    handed_in: date | None = None


class _Example(BaseModel):
    closing: date
    enrolled_from: date
    calendar: list[_Span]
    excused: list[_Span]
    silent: dict[Kind, _Span]
    days: dict[Kind, list[date]]
    coursework: list[_Work]

    def student(self) -> StudentDays:
        entries = [
            Entry(Sort.READING_WEEK, day_of(s.first), day_of(s.last), s.weight, s.what)
            for s in self.calendar
        ]
        return StudentDays(
            counts={kind: {day_of(d): 1 for d in days} for kind, days in self.days.items()},
            weight_percent=Calendar(tuple(entries)).weight_percent,
            counted=self._is_counted,
            excused=lambda _, day: any(span.covers(day) for span in self.excused),
            items={Kind.FASER_UPLOAD: [self._item(work) for work in self.coursework]},
        )

    def _is_counted(self, kind: Kind, day: Day) -> bool:
        is_silent = kind in self.silent and self.silent[kind].covers(day)
        return day >= day_of(self.enrolled_from) and not is_silent

    @staticmethod
    def _item(work: _Work) -> Item:
        return Item(day_of(work.due), None if work.handed_in is None else day_of(work.handed_in))


@pytest.fixture(scope="module")
def explained() -> Explanation:
    block = re.search(r"```yaml\n(closing:.*?)```", TEXT, re.DOTALL)
    assert block is not None
    example = _Example.model_validate(yaml.safe_load(block.group(1)))
    at = Moment.closing(day_of(example.closing))
    return explain(DEFAULT.usual, example.student(), at)


def test_the_table_of_the_example_is_what_the_reference_gives(explained: Explanation) -> None:
    rows = table("kind")
    assert [row["kind"] for row in rows] == [str(kind) for kind in DEFAULT.kinds]
    for row, kind in zip(rows, explained.kinds, strict=True):
        part = kind.contribution
        assert date_of(kind.days[0].day).isoformat() == row["first day"]
        assert part.days_percent == 100 * float(row["days"])
        assert part.amount == int(row["measure"])
        assert part.due == int(row["due"] or 0)
        assert part.rate == float(row["rate"])
        assert part.points == float(row["points"])
        assert part.weight == float(row["of"])


def test_the_score_of_the_example_is_what_the_reference_gives(explained: Explanation) -> None:
    said = re.search(r"([\d.]+) of ([\d.]+) points: \*\*score ([\d.]+), (\w+)\*\*", LINE)
    assert said is not None
    earned, possible, score, band = said.groups()
    assert f"{explained.points_earned:.4f}" == earned
    assert f"{explained.points_possible:g}" == possible
    assert explained.indicator.score == float(score)
    assert explained.indicator.band == band


def test_what_would_have_reached_the_next_band_is_what_stands_there(
    explained: Explanation,
) -> None:
    above = explained.next_band
    assert above is not None
    assert (above.band, above.lowest) == (Band.GOOD, 65)
    assert Step(Kind.TAP_IN, 3) in above.alone
    assert Kind.FASER_UPLOAD not in {step.kind for step in above.alone}
    assert above.together == (Step(Kind.TAP_IN, 1), Step(Kind.FASER_UPLOAD, 1))


def test_the_arithmetic_in_the_text_is_right() -> None:
    found = re.findall(r"(\d+) / ([\d.]+) x (\d+) = ([\d.]+)", LINE)
    assert found
    for amount, days, week, rate in found:
        assert round(int(amount) / float(days) * int(week), 2) == float(rate)


def test_every_field_of_a_policy_stands_in_the_table() -> None:
    section = TEXT.partition("## Every field")[2]
    documented = set(re.findall(r"`(\w+)`", section))
    assert field_names(Document) <= documented
