"""Turns what a source yields into records: topic, values, keys, partitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.identity import SiteKey, event_id, event_ids
from connectors.registrar import Known
from connectors.source import ActivityBatch, Expectation, Rejected, Student
from connectors.waiting import WaitingActivity
from schemas.avro import fields_of, schema_of
from schemas.columns import Column, ColumnEncoder
from schemas.keys import (
    feed_day_key,
    partition_of,
    partitions_of,
    student_item_key,
    student_key,
    student_keys,
)
from schemas.topics import (
    ACTIVITY,
    ERASED,
    EXPECTATION,
    FEED_MARK,
    IDENTITY,
    QUARANTINE,
    QUARANTINE_SETTLED,
    STUDENT,
    Topic,
)
from schemas.types import Action, Day, Kind, StudentId
from schemas.wire import encode

_ROW_PARTITION: Final = 0  # a row has no student; all rows of all sources go to one partition


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one topic; `topic` is its full name."""

    topic: str
    values: Sequence[bytes]
    keys: Sequence[bytes]
    partitions: Sequence[int]


@dataclass(frozen=True, slots=True)
class Destination:
    """The generation to publish to: its partition count and the ids of its registered schemas."""

    generation: str
    partitions: int
    schema_ids: Mapping[Topic, int]


class Encoder:
    """Encodes for one destination."""

    def __init__(self, destination: Destination, site_key: SiteKey) -> None:
        self._to = destination
        self._site_key = site_key
        self._activity: dict[Kind, tuple[ColumnEncoder, Sequence[str]]] = {}

    def student(self, one: Student) -> Records:
        """A student record."""
        periods = [
            {
                "from": period.first,
                "to": period.last,
                "level": period.level,
                "mode": period.mode,
                "programme": period.programme,
                "status": period.status,
            }
            for period in one.periods
        ]
        value: dict[str, object] = {
            "student": one.student,
            "recorded_at": one.recorded_at,
            "periods": periods,
            "tutor": None,
        }
        partition = partition_of(one.student, self._to.partitions)
        return self._one(STUDENT, value, student_key(one.student), partition)

    def expectation(self, one: Expectation) -> Records:
        """An item expected of a student."""
        value: dict[str, object] = {
            "student": one.student,
            "item": one.item,
            "kind": one.kind.value,
            "module": one.module,
            "due": one.due,
            "recorded_at": one.recorded_at,
        }
        partition = partition_of(one.student, self._to.partitions)
        return self._one(EXPECTATION, value, student_item_key(one.student, one.item), partition)

    def rejected(self, row: Rejected, first_seen: int, waiting: bytes | None = None) -> Records:
        """A row for quarantine; `first_seen` in UTC milliseconds.

        `waiting` is what can be published once more is known (`connectors.waiting`).
        """
        value: dict[str, object] = {
            "reason": row.reason.value,
            "message": row.message,
            "origin": row.origin,
            "feed": row.feed,
            "topic": "",
            "partition": -1,
            "offset": row.line,
            "first_seen": first_seen,
            "key": waiting,
            "raw": row.raw,
        }
        return self._one(QUARANTINE, value, row.origin.encode(), _ROW_PARTITION)

    def identity(self, one: Known, recorded_at: int) -> bytes:
        """An identifier's owner, or that the owner was erased, as a value."""
        value: dict[str, object] = {"identity": one.identity, "scheme": one.scheme.value}
        if one.student is None:
            return encode(ERASED, self._to.schema_ids[ERASED], {**value, "erased_at": recorded_at})
        value |= {"student": one.student, "recorded_at": recorded_at}
        return encode(IDENTITY, self._to.schema_ids[IDENTITY], value)

    def settled(self, entry: str, outcome: str, settled_at: int) -> Records:
        """That an entry of the quarantine was replayed or dropped."""
        value: dict[str, object] = {"entry": entry, "outcome": outcome, "settled_at": settled_at}
        return self._one(QUARANTINE_SETTLED, value, entry.encode(), 0)

    def waiting(self, one: WaitingActivity, student: StudentId) -> Records:
        """An activity whose student has become known, or that it is taken back."""
        topic = ACTIVITY[one.kind]
        value: dict[str, object] = {
            **{str(field["name"]): None for field in fields_of(schema_of(topic))},
            **one.fields,
            "event_id": event_id(
                self._site_key,
                one.name,
                student=student,
                kind=one.kind,
                occurred_at=one.occurred_at,
            ),
            "student": student,
            "occurred_at": one.occurred_at,
            "recorded_at": one.recorded_at,
            "feed": one.feed,
            "revision": 0,
            "action": (Action.RETRACT if one.retracts else Action.ASSERT).value,
        }
        partition = partition_of(student, self._to.partitions)
        return self._one(topic, value, student_key(student), partition)

    def mark(
        self, feed: str, day: Day, marked_at: int, positions: Sequence[tuple[Topic, int, int]]
    ) -> Records:
        """A mark, with (topic, partition, offset) for every place the feed writes to."""
        value: dict[str, object] = {
            "feed": feed,
            "day": day,
            "marked_at": marked_at,
            "positions": [
                {"topic": topic.name, "partition": partition, "offset": offset}
                for topic, partition, offset in positions
            ],
        }
        return self._one(FEED_MARK, value, feed_day_key(feed, day), 0)

    def activity(self, batch: ActivityBatch) -> Records:
        """The events of a batch."""
        if batch.kind not in self._activity:
            self._activity[batch.kind] = self._activity_encoder(batch.kind)
        encoder, names = self._activity[batch.kind]
        ids = event_ids(
            self._site_key,
            batch.source_key,
            student=batch.student,
            kind=batch.kind,
            occurred_at=batch.occurred_at,
        )
        columns: dict[str, Column] = {
            **dict.fromkeys(names),
            **batch.fields,
            "event_id": ids,
            "student": batch.student,
            "occurred_at": batch.occurred_at,
            "recorded_at": batch.recorded_at,
            "feed": batch.feed,
            "revision": 0,
            "action": Action.ASSERT.value,
        }
        values = encoder.encode(columns, len(batch.student))
        students, row = np.unique(batch.student, return_inverse=True)
        keys = student_keys(students)
        return Records(
            self._name(ACTIVITY[batch.kind]),
            values,
            [keys[i] for i in row.tolist()],
            partitions_of(students, self._to.partitions)[row].tolist(),
        )

    def _activity_encoder(self, kind: Kind) -> tuple[ColumnEncoder, Sequence[str]]:
        topic = ACTIVITY[kind]
        schema = schema_of(topic)
        names = [str(field["name"]) for field in fields_of(schema)]
        return ColumnEncoder(schema, self._to.schema_ids[topic]), names

    def _one(self, topic: Topic, value: dict[str, object], key: bytes, partition: int) -> Records:
        encoded = encode(topic, self._to.schema_ids[topic], value)
        return Records(self._name(topic), [encoded], [key], [partition])

    def _name(self, topic: Topic) -> str:
        return topic.full_name(self._to.generation)
