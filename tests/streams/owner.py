"""Owners of a partition, one after the other, over a log of what they published."""

from collections.abc import Mapping, Sequence

from broker.decoder import Decoded, Decoder
from broker.transactions import Messages
from schemas.avro import schema_of
from schemas.topics import TOPICS as ALL_TOPICS
from schemas.topics import Topic
from schemas.types import Day, Kind, StudentId
from streams.clocks import ReplayClock
from streams.marks import Marks
from streams.memory import Memory
from streams.outcome import Outcome, Tally
from streams.outputs import Outputs, Stamp
from streams.partition import Partition, Phase, Surroundings
from streams.policies import Policies
from streams.recall import REMEMBERED, memory_of
from streams.source import Source
from streams.students import Period
from tests.broker.batches import Record, batch, slice_of
from tests.streams.world import FEEDS, HORIZON, POLICY, TOPICS, Log

IDS = {topic: number for number, topic in enumerate(ALL_TOPICS, start=1)}
TODAY = Day(20_000)


class Published:
    """The topics of one partition, as committed transactions left them."""

    def __init__(self, periods: Mapping[StudentId, Sequence[Period]]) -> None:
        self.records: dict[Topic, list[tuple[bytes, bytes]]] = {t: [] for t in ALL_TOPICS}
        self.periods = periods
        self._outputs = Outputs(IDS, "test")

    def commit(self, outcome: Outcome) -> None:
        for part in self._outputs.messages(0, outcome, Stamp("writer", 0)):
            self.append(part)

    def append(self, part: Messages) -> None:
        self.records[part.topic] += zip(part.keys, part.values, strict=True)

    def rows(self, topic: Topic) -> list[dict[str, object]]:
        found = self._decoded(topic)
        return [] if found is None else found.rows.values.to_dicts()

    def last_of(self, topic: Topic, *key: str) -> dict[tuple[object, ...], dict[str, object]]:
        return {tuple(row[name] for name in key): row for row in self.rows(topic)}

    def memory(self) -> Memory:
        """What a new owner reads back, through the real decoder."""
        decoded = {topic: found for topic in REMEMBERED if (found := self._decoded(topic))}
        memory = memory_of({topic: [found] for topic, found in decoded.items()})
        return Memory(
            closed=memory.closed,
            indicators=memory.indicators,
            closings=memory.closings,
            daily=memory.daily,
            periods={student: tuple(spans) for student, spans in self.periods.items()},
        )

    def _decoded(self, topic: Topic) -> Decoded | None:
        records = [Record(key, value) for key, value in self.records[topic]]
        if not records:
            return None
        return Decoder(schema_of(topic), IDS[topic], lambda _: None).decode(
            slice_of(batch(records))
        )


class Owner:
    """A partition in the hands of one process."""

    def __init__(self, log: Log, marks: Marks, published: Published, committed: Mapping[Kind, int]):
        policies = Policies()
        policies.add(POLICY)
        around = Surroundings(ReplayClock(marks), marks, policies, HORIZON)
        sources = [
            Source(TOPICS[kind], 0, kind, 0, len(log.events[kind]), committed[kind])
            for kind in FEEDS
        ]
        self.log = log
        self.published = published
        self.tally = Tally()
        self.partition = Partition(0, around, published.memory(), sources)

    def offer(self, kind: Kind, upto: int) -> None:
        """The next slice of a topic, up to an offset."""
        source = self.partition.sources[TOPICS[kind]]
        if upto > source.expected:
            source.offer(self.log.piece(kind, source.expected, upto))

    def advance(self, *, commit: bool = True) -> None:
        """A cycle; without `commit`, the process dies before its transaction."""
        more = True
        while more:
            outcome = Outcome()
            more = self.partition.advance(TODAY, refresh=True, outcome=outcome)
            if not commit:
                return
            self.published.commit(outcome)
            for name in ("applied", "duplicate", "too_late", "quarantined"):
                getattr(self.tally, name).update(getattr(outcome.live, name))

    def applied(self) -> dict[Kind, int]:
        """What may be committed."""
        if self.partition.phase is not Phase.LIVE:
            return dict.fromkeys(FEEDS, 0)
        sources = self.partition.sources
        return {k: max(sources[t].position, sources[t].committed) for k, t in TOPICS.items()}
