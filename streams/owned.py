"""A partition that this process owns: its state, its writer, and what is on its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from broker.records import Rejected
from broker.transactions import TransactionalWriter
from schemas.types import StudentId
from scoring.circumstance import Circumstance
from streams.circumstances import Name
from streams.expected import Expectations
from streams.outcome import Outcome
from streams.partition import Partition, Phase
from streams.sponsorships import Sponsored
from streams.students import Period


@dataclass(slots=True)
class Owned:
    """From being prepared until it is lost; `ownership` names this span in what is written."""

    partition: Partition
    writer: TransactionalWriter
    ownership: str
    records_positions: dict[str, int]  # by topic of `streams.records`, the next offset
    incoming: dict[str, int] = field(default_factory=dict)  # by topic, behind what is decoded now
    # To be handed over; so the next three.
    students: dict[StudentId, tuple[Period, ...] | None] = field(default_factory=dict)
    expectations: list[Expectations] = field(default_factory=list)
    circumstances: dict[Name, Circumstance | None] = field(default_factory=dict)
    sponsorships: dict[StudentId, tuple[Sponsored, ...]] = field(default_factory=dict)
    rejected: list[tuple[str, Rejected]] = field(default_factory=list)  # to be published
    paused: set[str] = field(default_factory=set)  # topics that run too far ahead of the marks
    committable: Mapping[str, int] = field(default_factory=dict)  # by topic; published up to here
    is_due: bool = True  # there may be something to do
    wants_refresh: bool = False
    is_publishing: bool = False
    is_lost: bool = False

    @property
    def phase(self) -> Phase:
        """Where it is in its life."""
        return Phase.PAUSED if self.paused else self.partition.phase

    def hand_over(self, outcome: Outcome) -> None:
        """Give the partition what was received of students, and what follows from it."""
        if self.students:
            self.partition.set_periods(self.students, outcome)
            self.students = {}
        if self.expectations:
            first, *others = self.expectations
            self.partition.set_expectations(first.joined(*others), outcome)
            self.expectations = []
        if self.circumstances:
            self.partition.set_circumstances(self.circumstances, outcome)
            self.circumstances = {}
        if self.sponsorships:
            self.partition.set_sponsorships(self.sponsorships, outcome)
            self.sponsorships = {}

    def expected(self) -> dict[str, int]:
        """By topic, where the next slice has to start."""
        sources = self.partition.sources.by_topic
        offered = {topic: source.expected for topic, source in sources.items()}
        return offered | self.records_positions | self.incoming

    def applied(self) -> dict[str, int]:
        """By topic, the offset below which all is in the state; empty before the comparison."""
        if self.partition.phase is not Phase.LIVE:
            return {}
        sources = self.partition.sources.by_topic
        return {
            topic: max(source.position, source.committed) for topic, source in sources.items()
        } | self.records_positions
