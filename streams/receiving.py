"""Decodes the slices of a partition and offers them to it.

What cannot be decoded, or is not an event of this partition, is rejected here; what was rejected
before (it lies below the committed offset) is not rejected again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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
from streams.telling import Telling

_ACTIVITY: Final = {topic.name: topic for topic in ACTIVITY.values()}


@dataclass(frozen=True, slots=True)
class Receiving:
    """Takes slices in; `partitions` is the generation's count."""

    decoders: Mapping[Topic, Decoder]
    partitions: int
    campus: CampusDays
    telling: Telling

    def receive(self, one: Owned, topic: str, piece: Slice) -> None:
        """The next slice of one of the partition's topics; it chains."""
        self.telling.fetched()
        if topic == STUDENT.name:
            self._receive_students(one, piece)
        else:
            self._receive_events(one, topic, piece)

    def _receive_events(self, one: Owned, topic: str, piece: Slice) -> None:
        source = one.partition.sources[topic]
        decoded = self._decode(_ACTIVITY[topic], piece)
        events, refused = take_in(
            decoded.rows,
            partition=one.partition.number,
            partitions=self.partitions,
            campus=self.campus,
        )
        source.offer(Piece(piece, events))
        rejected = [*decoded.rejected, *(_with_bytes(piece, r) for r in refused)]
        new = [r for r in rejected if r.offset + r.count > source.committed]
        one.rejected += [(topic, r) for r in new]

    def _receive_students(self, one: Owned, piece: Slice) -> None:
        decoded = self._decode(STUDENT, piece)
        if len(decoded.rows.offsets):
            one.students.update(periods_in(decoded.rows.values))
        for tombstone in decoded.tombstones:
            one.students[StudentId(int.from_bytes(tombstone.key))] = ()
        one.rejected += [(STUDENT.name, r) for r in decoded.rejected]
        one.students_position = piece.next

    def _decode(self, topic: Topic, piece: Slice) -> Decoded:
        with self.telling.metrics.decode_seconds.time():
            decoded = self.decoders[topic].decode(piece)
        self.telling.decoded(topic.name, decoded.fast, decoded.records - decoded.fast)
        return decoded


def _with_bytes(piece: Slice, refused: Refused) -> Rejected:
    key, value = find_record(piece, refused.offset)
    raw = None if value is None else cut(value)
    return Rejected(refused.offset, refused.reason, refused.message, key, raw)
