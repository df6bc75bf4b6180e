"""Recomputes everything from the log, and says what is wrong with what was published.

It exists to disagree: committed records, fastavro, dicts and `scoring.reference`, one student
after the other. It shares no code with broker and streams.
"""

import io
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import fastavro
from confluent_kafka import Consumer, TopicPartition

import schemas
from schemas.types import Day, Kind
from scoring.policy import Policy
from scoring.reference import evaluate

PREFIX_BYTES = 5
DEADLINE_S = 60.0
AT_ONCE = 5000
POLL_S = 0.2
EXAMPLES = 5
HORIZON_DAYS = 70 + 14 + 7
EPOCH = date(1970, 1, 1)

Student = int
Cell = tuple[Student, Day]


@dataclass(frozen=True)
class Verdict:
    """`wrong` may become right while workers are still at it; `broken` never does."""

    wrong: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    events: int = 0
    students: int = 0
    changes: int = 0


class Verifier:
    """One generation; `look` reads on to the end of its log and judges all of it."""

    def __init__(
        self, kafka: str, generation: str, policy: Policy, *, zone: str, partitions: int
    ) -> None:
        self._policy = policy
        self._zone = ZoneInfo(zone)
        self._prefix = f"leap.{generation}."
        self._schemas = {
            name: fastavro.parse_schema(json.loads(text)) for name, text in _shipped().items()
        }
        self._topics = [
            *(f"activity.{kind}" for kind in Kind),
            *("student", "indicator", "indicator.change", "indicator.day", "daily", "day.closed"),
            "quarantine",
        ]
        self._consumer = Consumer(
            {
                "bootstrap.servers": kafka,
                "group.id": "verifier",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
                "log_level": 0,
            }
        )
        self._places = [
            TopicPartition(self._prefix + topic, p, 0)
            for topic in self._topics
            for p in range(partitions)
        ]
        self._records: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._seen: set[bytes] = set()
        self._counts: dict[Student, dict[Kind, Counter[Day]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        self._partition_of: dict[Student, int] = {}
        self._events = 0

    def close(self) -> None:
        self._consumer.close()

    def look(self) -> Verdict:
        """Read on, and judge."""
        for topic, partition, appended_ms, value in self._read():
            record = cast(
                dict[str, Any],
                fastavro.schemaless_reader(
                    io.BytesIO(value[PREFIX_BYTES:]), self._schemas[topic], None
                ),
            )
            if topic.startswith("activity."):
                self._count(Kind(topic.removeprefix("activity.")), record, appended_ms)
            else:
                self._records[topic].append({**record, "at": partition})
        broken = [*self._chains(), *self._interleaved(), *self._quarantined()]
        wrong = [*self._indicators(), *self._closings(), *self._daily()]
        changes = len(self._records["indicator.change"])
        return Verdict(wrong, broken, self._events, len(self._counts), changes)

    def _read(self) -> Iterator[tuple[str, int, int, bytes]]:
        deadline = time.monotonic() + DEADLINE_S
        self._consumer.assign(self._places)
        open_places = {(place.topic, place.partition) for place in self._places}
        next_offsets = {(place.topic, place.partition): place.offset for place in self._places}
        while open_places:
            messages = self._consumer.consume(AT_ONCE, POLL_S)
            if time.monotonic() > deadline:
                raise AssertionError(f"the log does not end: {open_places}")
            for message in messages:
                place = (message.topic() or "", message.partition() or 0)
                error, value = message.error(), message.value()
                if error is not None:
                    open_places.discard(place)  # its end
                    continue
                next_offsets[place] = (message.offset() or 0) + 1
                topic = place[0].removeprefix(self._prefix)
                if value is not None:
                    yield topic, place[1], message.timestamp()[1], value
        self._places = [TopicPartition(t, p, offset) for (t, p), offset in next_offsets.items()]

    # ---- what the log says

    def _count(self, kind: Kind, event: dict[str, Any], appended_ms: int) -> None:
        self._events += 1
        appended = self._day(datetime.fromtimestamp(appended_ms / 1000, UTC))
        day = self._day(event["occurred_at"])
        if event["event_id"] in self._seen or day < appended - HORIZON_DAYS:
            return
        self._seen.add(event["event_id"])
        self._counts[event["student"]][kind][day] += 1

    def _day(self, moment: datetime) -> Day:
        return Day((moment.astimezone(self._zone).date() - EPOCH).days)

    def _enrolled(self) -> dict[Student, list[tuple[Day, Day]]]:
        last = {record["student"]: record["periods"] for record in self._records["student"]}
        never = date(9999, 1, 1)
        return {
            student: [(_number(p["from"]), _number(p["to"] or never)) for p in periods]
            for student, periods in last.items()
        }

    # ---- what was published

    def _indicators(self) -> Iterator[str]:
        enrolled = self._enrolled()
        last = {record["student"]: record for record in self._records["indicator"]}
        closed = {record["partition"]: record["day"] for record in self._records["day.closed"]}
        changes = {record["student"]: record for record in self._records["indicator.change"]}
        today = self._day(datetime.now(UTC))
        for student in sorted(enrolled.keys() | self._counts.keys()):
            found = last.get(student)
            if found is None:
                yield f"student {student} has no indicator"
                continue
            as_of, complete = _number(found["as_of"]), _number(found["complete"])
            if as_of < today - 1 or found["complete"] != closed[found["at"]]:
                yield f"student {student}: as of {found['as_of']}, complete {found['complete']}"
            periods = enrolled.get(student, [])
            if any(first <= as_of <= to for first, to in periods):
                wanted = self._evaluated(student, periods, complete, as_of, as_of)
            else:
                wanted = ("not_enrolled", "none", None, ())
            if _plain(found) != wanted:
                yield f"student {student}: {_plain(found)} instead of {wanted}"
            told = changes.get(student)
            step = None if told is None else (told["sequence"], told["status"], told["band"])
            if step != (found["sequence"], found["status"], found["band"]):
                yield f"student {student}: the last change is {step}, the indicator {found}"

    def _closings(self) -> Iterator[str]:
        enrolled = self._enrolled()
        last = {(r["student"], _number(r["day"])): r for r in self._records["indicator.day"]}
        for (student, day), found in last.items():
            wanted = self._evaluated(student, enrolled[student], day, Day(day + 1), day)
            if _plain(found) != wanted:
                yield f"closing of {student}, day {day}: {_plain(found)} instead of {wanted}"

    def _daily(self) -> Iterator[str]:
        last = {(r["student"], _number(r["day"])): r for r in self._records["daily"]}
        wanted: dict[Cell, Counter[Kind]] = defaultdict(Counter)
        for student, kinds in self._counts.items():
            for kind, days in kinds.items():
                for day, count in days.items():
                    wanted[student, day][kind] += count
        for cell in sorted(last.keys() | wanted.keys()):
            found = last.get(cell)
            told = Counter({k: found[k] for k in Kind if found[k]}) if found else Counter[Kind]()
            if told != wanted[cell]:
                yield f"daily of {cell}: {dict(told)} instead of {dict(wanted[cell])}"

    def _evaluated(
        self, student: Student, periods: list[tuple[Day, Day]], complete: Day, as_of: Day, seen: Day
    ) -> tuple[object, ...]:
        indicator = evaluate(
            self._policy,
            counts=self._counts.get(student, {}),
            complete=complete,
            as_of=as_of,
            seen=seen,
            weight_percent=lambda day: 100,
            counted=lambda kind, day: any(first <= day <= to for first, to in periods),
        )
        parts = tuple(
            (p.kind.value, p.counted, p.amount, p.days_percent / 100, p.rate, p.points)
            for p in indicator.contributions
        )
        return indicator.status.value, indicator.band.value, indicator.score, parts

    # ---- what can never be made good

    def _chains(self) -> Iterator[str]:
        """Sequences 1, 2, 3 ..., each `previous` equal to the state before."""
        state: dict[Student, tuple[int, str, str]] = {}
        for change in self._records["indicator.change"]:
            student = change["student"]
            number, status, band = state.get(student, (0, "none", "none"))
            told = (change["sequence"], change["previous_status"], change["previous_band"])
            if told != (number + 1, status, band):
                yield f"student {student}: {told} after {number, status, band}: {change}"
            if (status, band) == (change["status"], change["band"]):
                yield f"student {student}: a change that changes nothing: {change}"
            state[student] = (change["sequence"], change["status"], change["band"])

    def _interleaved(self) -> Iterator[str]:
        """Once another has written to a partition, a former owner never does again."""
        for topic in ("indicator", "indicator.change", "daily"):
            writers: dict[int, list[str]] = defaultdict(list)
            for record in self._records[topic]:
                of_partition = writers[record["at"]]
                if not of_partition or of_partition[-1] != record["writer"]:
                    if record["writer"] in of_partition:
                        yield f"{topic}[{record['at']}]: {record['writer']} wrote after another"
                    of_partition.append(record["writer"])

    def _quarantined(self) -> Iterator[str]:
        for record in self._records["quarantine"]:
            yield f"quarantined: {record['reason']}: {record['message']} ({record['origin']})"


def _shipped() -> dict[str, str]:
    folder = Path(schemas.__file__).parent / "avro"
    return {path.name.removesuffix(".avsc"): path.read_text() for path in folder.glob("*.avsc")}


def _number(day: date) -> Day:
    return Day((day - EPOCH).days)


def _plain(record: dict[str, Any]) -> tuple[object, ...]:
    parts = tuple(
        (p["kind"], p["counted"], p["amount"], p["days"], p["rate"], p["points"])
        for p in record["contributions"]
    )
    return record["status"], record["band"], record["score"], parts
