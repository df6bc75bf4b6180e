"""Decodes the slices of a partition and offers them to it.

`read` is pure and may run on any thread; `offer` changes the partition. What cannot be decoded, or
is not an event of this partition, is rejected; what was rejected before (it lies below the
committed offset) is not rejected again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from broker.decoder import Decoded, Decoder
from broker.joint import decode_jointly
from broker.records import Rejected, find_records, rejection
from broker.slices import Slice
from schemas.topics import ACTIVITY, CIRCUMSTANCE, EXPECTATION, SPONSORSHIP, STUDENT, Topic
from streams.campus import CampusDays
from streams.circumstances import Said, circumstances_in
from streams.expected import Expectations, expectations_in
from streams.intake import Events, Refused, take_in
from streams.owned import Owned
from streams.periods import SaidOfStudents, periods_in
from streams.source import Piece
from streams.sponsorships import SaidOfSponsors, sponsorships_in
from streams.telling import Telling

_KINDS: Final = {topic.name: kind for kind, topic in ACTIVITY.items()}


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
    periods: SaidOfStudents
    rejected: Sequence[Rejected]


@dataclass(frozen=True, slots=True)
class ReceivedExpectations:
    """A slice of the topic of expectations."""

    end: int  # the offset behind it
    said: Expectations
    rejected: Sequence[Rejected]


@dataclass(frozen=True, slots=True)
class ReceivedCircumstances:
    """A slice of the topic of circumstances."""

    end: int  # the offset behind it
    said: Said
    rejected: Sequence[Rejected]


@dataclass(frozen=True, slots=True)
class ReceivedSponsorships:
    """A slice of the topic of sponsorships."""

    end: int  # the offset behind it
    said: SaidOfSponsors
    rejected: Sequence[Rejected]


Received: TypeAlias = (
    ReceivedEvents
    | ReceivedStudents
    | ReceivedExpectations
    | ReceivedCircumstances
    | ReceivedSponsorships
)


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
        if topic == STUDENT.name:
            return [self._read_students(piece) for _, piece in pieces]
        if topic == EXPECTATION.name:
            return [self._read_expectations(piece) for _, piece in pieces]
        if topic == CIRCUMSTANCE.name:
            return [self._read_circumstances(piece) for _, piece in pieces]
        if topic == SPONSORSHIP.name:
            return [self._read_sponsorships(piece) for _, piece in pieces]
        jointly = self._read_jointly(topic, pieces) if len(pieces) > 1 else None
        return jointly or [self._read(topic, partition, piece) for partition, piece in pieces]

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

    def _read(self, topic: str, partition: int, piece: Slice) -> Received:
        kind = _KINDS[topic]
        decoded = self._decode(ACTIVITY[kind], piece)
        events, refused = take_in(
            decoded.rows,
            kind=kind,
            partition=partition,
            partitions=self.partitions,
            campus=self.campus,
        )
        rejected = [*decoded.rejected, *_with_bytes(piece, refused)]
        return ReceivedEvents(topic, Piece(piece, events), rejected)

    def offer(self, one: Owned, received: Received) -> None:
        """Hand a slice that was read to its partition; it has to chain."""
        match received:
            case ReceivedEvents(topic, piece, rejected):
                source = one.partition.sources.by_topic[topic]
                source.offer(piece)
                new = [r for r in rejected if r.offset + r.count > source.committed]
                one.rejected += [(topic, r) for r in new]
            case ReceivedStudents(end, periods, rejected):
                one.students.update(periods)
                one.rejected += [(STUDENT.name, r) for r in rejected]
                one.records_positions[STUDENT.name] = end
            case ReceivedExpectations(end, said, rejected):
                one.expectations.append(said)
                one.rejected += [(EXPECTATION.name, r) for r in rejected]
                one.records_positions[EXPECTATION.name] = end
            case ReceivedCircumstances(end, circumstances, rejected):
                one.circumstances.update(circumstances)
                one.rejected += [(CIRCUMSTANCE.name, r) for r in rejected]
                one.records_positions[CIRCUMSTANCE.name] = end
            case ReceivedSponsorships(end, sponsorships, rejected):
                one.sponsorships.update(sponsorships)
                one.rejected += [(SPONSORSHIP.name, r) for r in rejected]
                one.records_positions[SPONSORSHIP.name] = end

    def _read_students(self, piece: Slice) -> ReceivedStudents:
        decoded = self._decode(STUDENT, piece)
        return ReceivedStudents(piece.next, periods_in([decoded]), decoded.rejected)

    def _read_expectations(self, piece: Slice) -> ReceivedExpectations:
        decoded = self._decode(EXPECTATION, piece)
        return ReceivedExpectations(piece.next, expectations_in([decoded]), decoded.rejected)

    def _read_circumstances(self, piece: Slice) -> ReceivedCircumstances:
        decoded = self._decode(CIRCUMSTANCE, piece)
        return ReceivedCircumstances(piece.next, circumstances_in([decoded]), decoded.rejected)

    def _read_sponsorships(self, piece: Slice) -> ReceivedSponsorships:
        decoded = self._decode(SPONSORSHIP, piece)
        return ReceivedSponsorships(piece.next, sponsorships_in([decoded]), decoded.rejected)

    def _decode(self, topic: Topic, piece: Slice) -> Decoded:
        with self.telling.metrics.decode_seconds.time():
            decoded = self.decoders[topic].decode(piece)
        self.telling.decoded(topic.name, decoded.fast, decoded.records - decoded.fast)
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
