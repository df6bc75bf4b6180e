"""Decodes the slices of a partition and offers them to it.

`read` is pure and may run on any thread; `offer` changes the partition. What cannot be decoded, or
is not an event of this partition, is rejected; what was rejected before (it lies below the
committed offset) is not rejected again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from broker.decoder import Decoded, Decoder
from broker.records import Rejected, cut, find_record
from broker.slices import Slice
from schemas.topics import ACTIVITY, STUDENT, Topic
from schemas.types import StudentId
from streams.campus import CampusDays
from streams.intake import Refused, take_in
from streams.owned import Owned
from streams.recall import periods_in
from streams.source import Piece
from streams.students import Period
from streams.telling import Telling

_ACTIVITY: Final = {topic.name: topic for topic in ACTIVITY.values()}


@dataclass(frozen=True, slots=True)
class ReceivedEvents:
    """A slice of an activity topic."""

    topic: str
    piece: Piece
    rejected: Sequence[Rejected]


@dataclass(frozen=True, slots=True)
class ReceivedStudents:
    """A slice of the student topic."""

    end: int  # the offset behind it
    periods: Mapping[StudentId, tuple[Period, ...]]
    rejected: Sequence[Rejected]


Received: TypeAlias = ReceivedEvents | ReceivedStudents


@dataclass(frozen=True, slots=True)
class Receiving:
    """Takes slices in; `partitions` is the generation's count."""

    decoders: Mapping[Topic, Decoder]
    partitions: int
    campus: CampusDays
    telling: Telling

    def read(self, topic: str, partition: int, piece: Slice) -> Received:
        """Decode and check a slice. Raises only what looking up a writer's schema raises."""
        if topic == STUDENT.name:
            return self._read_students(piece)
        decoded = self._decode(_ACTIVITY[topic], piece)
        events, refused = take_in(
            decoded.rows, partition=partition, partitions=self.partitions, campus=self.campus
        )
        rejected = [*decoded.rejected, *(_with_bytes(piece, r) for r in refused)]
        return ReceivedEvents(topic, Piece(piece, events), rejected)

    def offer(self, one: Owned, received: Received) -> None:
        """Hand a slice that was read to its partition; it has to chain."""
        match received:
            case ReceivedEvents(topic, piece, rejected):
                source = one.partition.sources[topic]
                source.offer(piece)
                new = [r for r in rejected if r.offset + r.count > source.committed]
                one.rejected += [(topic, r) for r in new]
            case ReceivedStudents(end, periods, rejected):
                one.students.update(periods)
                one.rejected += [(STUDENT.name, r) for r in rejected]
                one.students_position = end

    def _read_students(self, piece: Slice) -> ReceivedStudents:
        decoded = self._decode(STUDENT, piece)
        periods = periods_in(decoded.rows.values) if len(decoded.rows.offsets) else {}
        deleted = {StudentId(int.from_bytes(t.key)): () for t in decoded.tombstones}
        return ReceivedStudents(piece.next, periods | deleted, decoded.rejected)

    def _decode(self, topic: Topic, piece: Slice) -> Decoded:
        with self.telling.metrics.decode_seconds.time():
            decoded = self.decoders[topic].decode(piece)
        self.telling.decoded(topic.name, decoded.fast, decoded.records - decoded.fast)
        return decoded


def _with_bytes(piece: Slice, refused: Refused) -> Rejected:
    key, value = find_record(piece, refused.offset)
    raw = None if value is None else cut(value)
    return Rejected(refused.offset, refused.reason, refused.message, key, raw)
