"""Writes a campus: files, a configuration that reads them, and the truth.

The folder holds students.csv (for `leap identity load`), a file for each feed, what the feeds need
(readers.csv, timetable.csv), faser.due.csv, connect.yaml (for `leap connect --all`) and truth.json.
Everything is the same, byte by byte, for the same plan; connect.yaml names the folder too.
"""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from connectors.simulator.acts import Act, acts_of, due_days, room_of, sessions_of
from connectors.simulator.faults import Injected, chosen, written
from connectors.simulator.formats import Format, formats
from connectors.simulator.people import MODULES, Person, people_of
from connectors.simulator.plan import Behaviour, Plan

TRUTH: Final = "truth.json"
CONFIGURATION: Final = "connect.yaml"
_ENROLLED: Final = (
    "student",
    "card",
    "username",
    "moodle",
    "level",
    "mode",
    "programme",
    "status",
    "from",
)


@dataclass(frozen=True, slots=True)
class Campus:
    """What was written."""

    people: Sequence[Person]
    acts: Sequence[Act]
    injected: Injected
    rows: Counter[str]
    """By feed."""

    def summary(self) -> dict[str, object]:
        """In numbers."""
        injected = self.injected
        return {
            "students": len(self.people),
            "behaviours": Counter(person.behaviour.value for person in self.people),
            "events": Counter(act.kind.value for act in self.acts),
            "rows": dict(self.rows),
            "repeated": injected.repeated.total(),
            "lost": injected.lost.total(),
            "late": injected.late,
            "out_of_order": injected.out_of_order,
            "outages": len(injected.outages),
            "shared_cards": len(injected.loans),
        }


def write_campus(
    plan: Plan, folder: Path, zone: ZoneInfo, progress: Callable[[int], None] = lambda done: None
) -> Campus:
    """Write everything into a folder; `progress` is told how many students are done."""
    folder.mkdir(parents=True, exist_ok=True)
    people, sessions, feeds = people_of(plan), sessions_of(plan), formats(zone)
    acts: list[Act] = []
    for done, person in enumerate(people, 1):
        acts += acts_of(plan, person, sessions)
        progress(done)
    acts.sort()
    injected = chosen(plan, feeds, people)
    rows: Counter[str] = Counter()
    for feed in feeds:
        own = [act for act in acts if act.kind in feed.kinds]
        lines = [
            feed.row(row.number, row.act, people[row.under - 1])
            for row in written(plan, feed, own, injected)
        ]
        _write(folder / f"{feed.feed}.{feed.suffix}", feed.header, lines)
        rows[feed.feed] = len(lines)
    _write_beside(plan, folder, people)
    _write_configuration(folder, feeds)
    campus = Campus(people, acts, injected, rows)
    truth = json.dumps(_truth(plan, campus), indent=1, sort_keys=True)
    (folder / TRUTH).write_text(truth + "\n", encoding="utf-8", newline="\n")
    return campus


def _write_beside(plan: Plan, folder: Path, people: Sequence[Person]) -> None:
    students = [
        (
            *(one.student, one.card, one.username, str(one.moodle), "UG"),
            "part_time" if one.behaviour is Behaviour.PART_TIME else "full_time",
            *(one.modules[0][:2], "enrolled", plan.first.isoformat()),
        )
        for one in people
    ]
    _write(folder / "students.csv", _ENROLLED, students)
    readers = [(f"R-{module}", room_of(module)) for module in MODULES]
    _write(folder / "readers.csv", ("reader", "room"), readers)
    sessions = [
        (one.name, room_of(one.module), f"{one.start:%Y-%m-%d %H:%M}") for one in sessions_of(plan)
    ]
    _write(folder / "timetable.csv", ("session", "room", "start"), sessions)
    due = [
        (person.student, f"{module}-essay", day.isoformat(), module)
        for day in due_days(plan)
        for person in people
        for module in person.modules
    ]
    _write(folder / "faser.due.csv", ("student", "assignment", "due", "module"), due)


def _write_configuration(folder: Path, feeds: Iterable[Format]) -> None:
    sources: dict[str, dict[str, object]] = {
        feed.feed: {
            "type": feed.type,
            "files": [str(folder / f"{feed.feed}.{feed.suffix}")],
            **{option: str(folder / file) for option, file in feed.options.items()},
        }
        for feed in feeds
    }
    sources["faser.due"] = {"type": "faser.due", "files": [str(folder / "faser.due.csv")]}
    text = json.dumps({"sources": sources}, indent=1)  # JSON is YAML too
    (folder / CONFIGURATION).write_text(text + "\n", encoding="utf-8", newline="\n")


def _truth(plan: Plan, campus: Campus) -> dict[str, object]:
    events: dict[str, dict[str, Counter[str]]] = {one.student: {} for one in campus.people}
    for act in campus.acts:
        days = events[campus.people[act.number - 1].student]
        days.setdefault(act.at.date().isoformat(), Counter())[act.kind.value] += 1
    injected = campus.injected

    def named(counts: Counter[tuple[int, object]]) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for (number, kind), count in counts.items():
            if count:
                found.setdefault(campus.people[number - 1].student, {})[str(kind)] = count
        return found

    return {
        "plan": {**asdict(plan), "first": plan.first.isoformat()},
        "students": {
            one.student: {
                "card": one.card,
                "username": one.username,
                "moodle": one.moodle,
                "behaviour": one.behaviour.value,
                "modules": list(one.modules),
                "ill_from_week": one.ill_from_week if one.behaviour is Behaviour.ILL else None,
            }
            for one in campus.people
        },
        "teaching_days": [day.isoformat() for day in plan.days if plan.is_teaching(day)],
        "events": events,
        "faults": {
            "outages": [[feed, day.isoformat()] for feed, day in injected.outages],
            "shared_cards": [asdict(loan) for loan in injected.loans],
            "lost": named(Counter(injected.lost)),
            "repeated": named(Counter(injected.repeated)),
            "taps_moved_by_shared_cards": named(Counter(injected.moved)),
            "late": injected.late,
            "out_of_order": injected.out_of_order,
        },
    }


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            file.writelines(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows)
            return
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
