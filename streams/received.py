"""Slices that were decoded, on their way to the partition they are for."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Generic, Self, TypeAlias, TypeVar

from broker.decoder import Decoded
from broker.records import Rejected
from schemas.topics import CIRCUMSTANCE, EXPECTATION, SPONSORSHIP, STUDENT, Topic
from streams.circumstances import Said, circumstances_in
from streams.expected import Expectations, expectations_in
from streams.owned import Owned
from streams.periods import SaidOfStudents, periods_in
from streams.source import Piece
from streams.sponsorships import SaidOfSponsors, sponsorships_in

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class ReceivedEvents:
    """A slice of an activity topic."""

    topic: str
    piece: Piece
    rejected: Sequence[Rejected]

    def give(self, one: Owned) -> None:
        """It has to chain. What lies below the committed offset was rejected before."""
        source = one.partition.sources.by_topic[self.topic]
        source.offer(self.piece)
        new = [r for r in self.rejected if r.offset + r.count > source.committed]
        one.rejected += [(self.topic, r) for r in new]


@dataclass(frozen=True)
class _ReceivedRecords(Generic[S]):
    """A slice of a topic of records (`streams.records`)."""

    topic: ClassVar[Topic]

    end: int  # the offset behind it
    said: S
    rejected: Sequence[Rejected]

    @classmethod
    def of(cls, end: int, decoded: Decoded) -> Self:
        """What a decoded slice says."""
        return cls(end, cls._read([decoded]), decoded.rejected)

    def give(self, one: Owned) -> None:
        """It is handed over with the partition's next cycle."""
        self._add_to(one)
        one.rejected += [(self.topic.name, r) for r in self.rejected]
        one.records_positions[self.topic.name] = self.end

    @staticmethod
    @abstractmethod
    def _read(decoded: Sequence[Decoded]) -> S: ...

    @abstractmethod
    def _add_to(self, one: Owned) -> None: ...


class ReceivedStudents(_ReceivedRecords[SaidOfStudents]):
    """Of students."""

    topic = STUDENT
    _read = staticmethod(periods_in)

    def _add_to(self, one: Owned) -> None:
        one.students.update(self.said)


class ReceivedExpectations(_ReceivedRecords[Expectations]):
    """Of expectations."""

    topic = EXPECTATION
    _read = staticmethod(expectations_in)

    def _add_to(self, one: Owned) -> None:
        one.expectations.append(self.said)


class ReceivedCircumstances(_ReceivedRecords[Said]):
    """Of circumstances."""

    topic = CIRCUMSTANCE
    _read = staticmethod(circumstances_in)

    def _add_to(self, one: Owned) -> None:
        one.circumstances.update(self.said)


class ReceivedSponsorships(_ReceivedRecords[SaidOfSponsors]):
    """Of sponsorships."""

    topic = SPONSORSHIP
    _read = staticmethod(sponsorships_in)

    def _add_to(self, one: Owned) -> None:
        one.sponsorships.update(self.said)


ReceivedRecords: TypeAlias = (
    ReceivedStudents | ReceivedExpectations | ReceivedCircumstances | ReceivedSponsorships
)
Received: TypeAlias = ReceivedEvents | ReceivedRecords

OF_RECORDS: Final[dict[str, type[ReceivedRecords]]] = {
    one.topic.name: one
    for one in (ReceivedStudents, ReceivedExpectations, ReceivedCircumstances, ReceivedSponsorships)
}
"""By topic."""
