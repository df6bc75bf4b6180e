"""Decodes the slices of a partition, off the event loop if need be.

What cannot be decoded, or is not an event of this partition, is rejected.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from broker.decoder import Decoded, Decoder
from broker.joint import decode_jointly
from broker.records import Rejected, find_records, rejection
from broker.slices import Slice
from schemas.topics import ACTIVITY, Topic
from streams.campus import CampusDays
from streams.intake import Events, Refused, take_in
from streams.received import OF_RECORDS, Received, ReceivedEvents
from streams.source import Piece
from streams.telling import Telling

_KINDS: Final = {topic.name: kind for kind, topic in ACTIVITY.items()}


@dataclass(frozen=True, slots=True)
class Receiving:
    """Takes slices in; `partitions` is the generation's count."""

    decoders: Mapping[Topic, Decoder]
    partitions: int
    campus: CampusDays
    telling: Telling

    def read(self, topic: str, pieces: Sequence[tuple[int, Slice]]) -> Sequence[Received]:
        """Decode and check slices of a topic, each of a partition.

        Raises only what looking up a writer's schema raises.
        """
        if topic in OF_RECORDS:
            of_records = OF_RECORDS[topic]
            decoded = self._decode(of_records.topic, pieces)
            return [
                of_records.of(piece.next, one)
                for (_, piece), one in zip(pieces, decoded, strict=True)
            ]
        jointly = self._read_jointly(topic, pieces) if len(pieces) > 1 else None
        return jointly or self._read_each(topic, pieces)

    def _read_jointly(
        self, topic: str, pieces: Sequence[tuple[int, Slice]]
    ) -> Sequence[Received] | None:
        """All of them in one go; None where one has to be looked at by itself."""
        kind = _KINDS[topic]
        with self.telling.metrics.decode_seconds.time():
            joint = decode_jointly(self.decoders[ACTIVITY[kind]], [piece for _, piece in pieces])
        if joint is None:
            return None
        events, refused = take_in(
            joint.rows,
            kind=kind,
            partition=np.repeat([partition for partition, _ in pieces], joint.counts),
            partitions=self.partitions,
            campus=self.campus,
        )
        if refused:
            return None
        read = [
            Piece(piece, _from(piece.start, events[start:end]))
            for (_, piece), (start, end) in zip(pieces, joint.spans(), strict=True)
        ]
        self.telling.decoded(topic, sum(len(piece.events) for piece in read), 0)
        return [ReceivedEvents(topic, piece, ()) for piece in read]

    def _read_each(self, topic: str, pieces: Sequence[tuple[int, Slice]]) -> Sequence[Received]:
        kind = _KINDS[topic]
        read: list[Received] = []
        decoded = self._decode(ACTIVITY[kind], pieces)
        for (partition, piece), one in zip(pieces, decoded, strict=True):
            events, refused = take_in(
                one.rows,
                kind=kind,
                partition=partition,
                partitions=self.partitions,
                campus=self.campus,
            )
            rejected = [*one.rejected, *_with_bytes(piece, refused)]
            read.append(ReceivedEvents(topic, Piece(piece, events), rejected))
        return read

    def _decode(self, topic: Topic, pieces: Sequence[tuple[int, Slice]]) -> Sequence[Decoded]:
        with self.telling.metrics.decode_seconds.time():
            decoded = self.decoders[topic].decode_each([piece for _, piece in pieces])
        fast = sum(one.fast for one in decoded)
        self.telling.decoded(topic.name, fast, sum(one.records for one in decoded) - fast)
        return decoded


def _from(start: int, events: Events) -> Events:
    """A seek may have landed within a batch."""
    first = int(np.searchsorted(events.offsets, start))
    return events if first == 0 else events[first:]


def _with_bytes(piece: Slice, refused: Sequence[Refused]) -> Iterator[Rejected]:
    if refused:
        bytes_of = find_records(piece, {one.offset for one in refused})
        for one in refused:
            yield rejection(bytes_of, one.offset, one.reason, one.message)
