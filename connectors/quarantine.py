"""Entries of the quarantine: what was refused, each once, and what can be done with it.

An entry is named by what it is: a row by feed, place, reason and bytes, a record by its place on
the topic. A row that is read and refused again is therefore the same entry, and one that was
dropped stays dropped. What became of an entry stands in `quarantine.settled`, as long as entries
are kept.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from broker.publisher import Publisher
from connectors.people import ERASED, UNKNOWN, KnownPeople
from connectors.records import Destination, Encoder, Records
from connectors.source import Expectation
from connectors.waiting import Waiting, WaitingActivity, unpacked
from schemas.reasons import Reason
from schemas.types import StudentId

_ID_BYTES = 8


class Outcome(StrEnum):
    """What became of an entry."""

    REPLAYED = "replayed"
    DROPPED = "dropped"


class Kept(StrEnum):
    """Why an entry was not replayed."""

    UNKNOWN = "still_unknown"
    ONLY_AT_THE_SOURCE = "read_it_again"  # a row can only be corrected where it comes from
    INCOMPLETE = "incomplete"  # a record of which not all bytes were kept


@dataclass(frozen=True, slots=True)
class Entry:
    """One refused row or record. `first_seen` in UTC milliseconds; `times`: how often refused."""

    reason: str
    message: str
    origin: str
    feed: str
    topic: str
    partition: int
    offset: int
    first_seen: int
    key: bytes | None
    raw: bytes | None
    times: int = 1

    @property
    def id(self) -> str:
        """Its name, 16 hexadecimal digits."""
        place = (self.topic, self.partition, self.offset, self.origin, self.feed, self.reason)
        digest = hashlib.sha256(repr((place, self.raw)).encode())
        if self.reason != Reason.UNKNOWN_IDENTITY:
            digest.update(self.key or b"")
        return digest.hexdigest()[: 2 * _ID_BYTES]

    @property
    def is_record(self) -> bool:
        """Whether it is a record of a topic; else a row of a source."""
        return bool(self.topic)

    @property
    def waiting(self) -> Waiting | None:
        """What can be published once its person is known."""
        if self.reason != Reason.UNKNOWN_IDENTITY or self.key is None:
            return None
        return unpacked(self.key)


def open_entries(refused: Iterable[Entry], settled: Mapping[str, str]) -> dict[str, Entry]:
    """What was refused and is not settled, each once, the oldest first."""
    entries: dict[str, Entry] = {}
    for entry in sorted(refused, key=lambda one: one.first_seen):
        name = entry.id
        if name not in settled:
            before = entries.get(name)
            entries[name] = entry if before is None else replace(before, times=before.times + 1)
    return entries


class Settler:
    """Replays and drops entries. An entry is settled after what it held is acknowledged."""

    def __init__(
        self,
        publisher: Publisher,
        destination: Destination,
        encoder: Encoder,
        people: KnownPeople,
        now_ms: int,
        raw_limit: int,
    ) -> None:
        self._publisher = publisher
        self._to = destination
        self._encoder = encoder
        self._people = people
        self._now_ms = now_ms
        self._raw_limit = raw_limit
        self._settled: dict[str, Outcome] = {}

    def replay(self, name: str, entry: Entry) -> Outcome | Kept:
        """Publish what the entry holds, if that can be."""
        waiting = entry.waiting
        if waiting is not None:
            outcome = self._release(waiting)
        elif entry.is_record:
            outcome = self._publish_again(entry)
        else:
            outcome = Kept.ONLY_AT_THE_SOURCE
        if isinstance(outcome, Outcome):
            self._settled[name] = outcome
        return outcome

    def drop(self, name: str) -> None:
        """Never show the entry again."""
        self._settled[name] = Outcome.DROPPED

    def settle(self) -> None:
        """Keep what was done, once everything published is acknowledged."""
        self._publisher.flush()
        for name, outcome in self._settled.items():
            self._send(self._encoder.settled(name, outcome.value, self._now_ms))
        self._publisher.flush()
        self._settled.clear()

    def _release(self, waiting: Waiting) -> Outcome | Kept:
        student = self._people.whose(waiting.identity)
        if student == UNKNOWN:
            return Kept.UNKNOWN
        if student == ERASED:
            return Outcome.DROPPED
        known = StudentId(student)
        if isinstance(waiting, WaitingActivity):
            self._send(self._encoder.waiting(waiting, known))
        else:
            item = Expectation(
                known,
                waiting.item,
                waiting.kind,
                waiting.module,
                waiting.due,
                waiting.recorded_at,
            )
            self._send(self._encoder.expectation(item))
        return Outcome.REPLAYED

    def _publish_again(self, entry: Entry) -> Outcome | Kept:
        if entry.key is None or entry.raw is None or len(entry.raw) >= self._raw_limit:
            return Kept.INCOMPLETE
        name = f"leap.{self._to.generation}.{entry.topic}"
        self._send(Records(name, [entry.raw], [entry.key], [entry.partition]))
        return Outcome.REPLAYED

    def _send(self, records: Records) -> None:
        self._publisher.publish(records.topic, records.values, records.keys, records.partitions)
