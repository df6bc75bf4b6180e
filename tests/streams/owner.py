"""Owners of a partition, one after the other, over a log of what they published."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from broker.decoder import Decoded, Decoder
from broker.transactions import Messages
from connectors.circumstances.publish import circumstance_record
from connectors.sponsorship.publish import sponsorship_record
from ops.calendars import calendar_record
from schemas.avro import schema_of
from schemas.errors import Fenced
from schemas.keys import student_circumstance_key, student_item_key, student_key
from schemas.topics import CALENDAR, CIRCUMSTANCE, EXPECTATION, SPONSORSHIP, Topic
from schemas.topics import TOPICS as ALL_TOPICS
from schemas.types import Kind, StudentId
from schemas.wire import encode
from scoring.circumstance import Circumstance
from streams.calendars import Calendars
from streams.campus import as_date, as_instant
from streams.circumstances import Said, circumstances_in
from streams.expected import Expectations, expectations_in
from streams.gaps import Gap, Gaps
from streams.marks import Marks
from streams.memory import Memory
from streams.outcome import Outcome, Tally, Told
from streams.outputs import Outputs
from streams.partition import Partition, Phase
from streams.policies import Policies
from streams.present import answer
from streams.recall import TOLD, memory_of
from streams.reference import calendars_in
from streams.remembered import narrowed
from streams.source import Source
from streams.sponsorships import SaidOfSponsors, Sponsored, sponsorships_in
from streams.stamp import Stamp
from streams.students import Period
from streams.surroundings import Surroundings
from tests.broker.batches import Record, batch, slice_of
from tests.streams.world import FEEDS, HORIZON, TOPICS, Due, World

IDS = {topic: number for number, topic in enumerate(ALL_TOPICS, start=1)}


class Published:
    """The topics of one partition, as committed transactions left them."""

    def __init__(self, periods: dict[StudentId, Sequence[Period]]) -> None:
        self.records: dict[Topic, list[tuple[bytes, bytes]]] = {t: [] for t in ALL_TOPICS}
        self.periods = periods
        self.tally = Tally()
        self._epoch = 0
        self._outputs = Outputs(IDS, "test")

    def fence(self) -> int:
        """A new owner's epoch; former ones are refused from now on."""
        self._epoch += 1
        return self._epoch

    def commit(self, outcome: Outcome, epoch: int) -> None:
        if epoch != self._epoch:
            raise Fenced("another owner has taken over")
        (messages,) = self._outputs.messages([Told(0, outcome, Stamp("writer", 0))])
        for part in messages:
            self.append(part)
        for name in ("applied", "duplicate", "too_late", "quarantined"):
            getattr(self.tally, name).update(getattr(outcome.live, name))

    def append(self, part: Messages) -> None:
        self.records[part.topic] += zip(part.keys, part.values, strict=True)

    def sizes(self) -> Mapping[Topic, int]:
        """How many records each topic has."""
        return {topic: len(records) for topic, records in self.records.items()}

    def frame(self, topic: Topic) -> pl.DataFrame | None:
        found = self._decoded(topic)
        return None if found is None else found.rows.values

    def rows(self, topic: Topic) -> list[dict[str, object]]:
        found = self.frame(topic)
        return [] if found is None else found.to_dicts()

    def last_of(self, topic: Topic, *key: str) -> dict[tuple[object, ...], dict[str, object]]:
        return {tuple(row[name] for name in key): row for row in self.rows(topic)}

    def memory(self) -> Memory:
        """What a new owner reads back, through the real decoder."""
        told = {topic: frame for topic in TOLD if (frame := self.frame(topic)) is not None}
        memory = memory_of({topic: [narrowed(topic, frame)] for topic, frame in told.items()}, {})
        return Memory(
            closed=memory.closed,
            indicators=memory.indicators,
            closings=memory.closings,
            daily=memory.daily,
            alerts=memory.alerts,
            compliance_alerts=memory.compliance_alerts,
            periods={student: tuple(spans) for student, spans in self.periods.items()},
        )

    def _decoded(self, topic: Topic) -> Decoded | None:
        records = [Record(key, value) for key, value in self.records[topic]]
        if not records:
            return None
        return Decoder(schema_of(topic), IDS[topic], lambda _: None).decode(
            slice_of(batch(records))
        )


def _calendars(world: World) -> pl.DataFrame:
    """As they lie on their topic, through the real writer and the real decoder."""
    values = [
        encode(
            CALENDAR, IDS[CALENDAR], calendar_record(calendar, number, start, "test", as_instant(0))
        )
        for number, (start, calendar) in enumerate(world.calendars, start=1)
    ]
    decoder = Decoder(schema_of(CALENDAR), IDS[CALENDAR], lambda _: None)
    if not values:
        return pl.DataFrame(schema=decoder.types)
    return decoder.decode(slice_of(batch([Record(b"", one) for one in values]))).rows.values


def _expectations(dues: Sequence[Due]) -> Expectations:
    """As they lie on their topic, through the real writer and the real decoder."""
    if not dues:
        return expectations_in([])
    records = [Record(student_item_key(due.student, due.item), _expectation(due)) for due in dues]
    decoder = Decoder(
        schema_of(EXPECTATION), IDS[EXPECTATION], lambda _: None, allow_tombstones=True
    )
    return expectations_in([decoder.decode(slice_of(batch(records)))])


def _expectation(due: Due) -> bytes | None:
    if due.is_deleted:
        return None
    record: dict[str, object] = {
        "student": due.student,
        "item": due.item,
        "kind": due.kind.value,
        "module": None,
        "due": as_date(due.day),
        "recorded_at": as_instant(0),
    }
    return encode(EXPECTATION, IDS[EXPECTATION], record)


def _circumstances(declared: Sequence[Circumstance]) -> Said:
    """As they lie on their topic, through the real writer and the real decoder."""
    if not declared:
        return {}
    records = [
        Record(
            student_circumstance_key(one.student, one.name),
            encode(CIRCUMSTANCE, IDS[CIRCUMSTANCE], circumstance_record(one, 0)),
        )
        for one in declared
    ]
    decoder = Decoder(schema_of(CIRCUMSTANCE), IDS[CIRCUMSTANCE], lambda _: None)
    return circumstances_in([decoder.decode(slice_of(batch(records)))])


def _sponsorships(said: Sequence[tuple[StudentId, tuple[Sponsored, ...] | None]]) -> SaidOfSponsors:
    """As they lie on their topic, through the real writer and the real decoder."""
    if not said:
        return {}
    records = [
        Record(
            student_key(student),
            None
            if spans is None
            else encode(SPONSORSHIP, IDS[SPONSORSHIP], sponsorship_record(student, spans, 0)),
        )
        for student, spans in said
    ]
    decoder = Decoder(
        schema_of(SPONSORSHIP), IDS[SPONSORSHIP], lambda _: None, allow_tombstones=True
    )
    return sponsorships_in([decoder.decode(slice_of(batch(records)))])


class Owner:
    """A partition in the hands of one process, which has read the reference topics."""

    def __init__(self, world: World, published: Published, committed: Mapping[Kind, int]) -> None:
        self.world = world
        self.published = published
        self._epoch = published.fence()
        self._marks = Marks()
        self._marks_read = 0
        clock = world.new_clock(self._marks)
        self._around = Surroundings(clock, self._marks, Gaps(), Policies(), Calendars(), HORIZON)
        self.read_reference()
        sources = [
            Source(TOPICS[kind], 0, kind, 0, len(world.events[kind]), committed[kind])
            for kind in FEEDS
        ]
        memory = replace(
            published.memory(),
            expectations=_expectations(world.dues),
            circumstances=_circumstances(world.circumstances),
            sponsorships=_sponsorships(world.sponsorships),
        )
        self._sponsorships_read = len(world.sponsorships)
        self._dues_read = len(world.dues)
        self._circumstances_read = len(world.circumstances)
        self.partition = Partition(0, self._around, memory, sources)

    def read_reference(self) -> None:
        """Everything on the topics of marks, gaps, policies and calendars."""
        self.world.read_marks(self._marks, self._around.clock, self._marks_read)
        self._marks_read = len(self.world.marks)
        for gap in self.world.gaps:
            self._around.gaps.add(gap)
        for policy in self.world.policies:
            self._around.policies.add(policy)
        for calendar in calendars_in(_calendars(self.world)):
            self._around.calendars.add(calendar)

    def read_record(self, student: StudentId) -> None:
        """The record of a student, which has changed."""
        spans = self.world.periods.get(student)
        said = {student: None if spans is None else tuple(spans)}
        self._hand_over(lambda outcome: self.partition.set_periods(said, outcome))

    def read_expectations(self) -> None:
        """What was said of items since."""
        said = _expectations(self.world.dues[self._dues_read :])
        self._dues_read = len(self.world.dues)
        self._hand_over(lambda outcome: self.partition.set_expectations(said, outcome))

    def read_circumstances(self) -> None:
        """What was declared and withdrawn since."""
        said = _circumstances(self.world.circumstances[self._circumstances_read :])
        self._circumstances_read = len(self.world.circumstances)
        self._hand_over(lambda outcome: self.partition.set_circumstances(said, outcome))

    def read_sponsorships(self) -> None:
        """What was said of sponsorships since."""
        said = _sponsorships(self.world.sponsorships[self._sponsorships_read :])
        self._sponsorships_read = len(self.world.sponsorships)
        self._hand_over(lambda outcome: self.partition.set_sponsorships(said, outcome))

    def offer(self, kind: Kind, upto: int) -> None:
        """The next slice of a topic, up to an offset."""
        source = self.partition.sources.by_topic[TOPICS[kind]]
        if upto > source.expected:
            source.offer(self.world.piece(kind, source.expected, upto))

    def advance(self) -> None:
        """Cycles, each with its transaction, until there is nothing left to do."""
        while self._cycle():
            pass

    def begin_and_die(self) -> None:
        """A cycle whose transaction is never committed; the owner is of no further use."""
        self._advance(Outcome(), refresh=True)

    def decide_gaps(self) -> Sequence[Gap]:
        """Say in the log which feeds lack a day."""
        outcome = Outcome()
        self.partition.decide_gaps(self.world.day, self.world.now_ms, outcome)
        self.published.commit(outcome, self._epoch)
        return outcome.gaps

    def applied(self) -> dict[Kind, int]:
        """What may be committed."""
        if self.partition.phase is not Phase.LIVE:
            return dict.fromkeys(FEEDS, 0)
        sources = self.partition.sources.by_topic
        return {k: max(sources[t].position, sources[t].committed) for k, t in TOPICS.items()}

    def _hand_over(self, take: Callable[[Outcome], None]) -> None:
        """A cycle that begins with records."""
        outcome = Outcome()
        take(outcome)
        self._advance(outcome, refresh=False)
        self.published.commit(outcome, self._epoch)

    def _cycle(self) -> bool:
        outcome = Outcome()
        more = self._advance(outcome, refresh=True)
        self.published.commit(outcome, self._epoch)
        return more

    def _advance(self, outcome: Outcome, *, refresh: bool) -> bool:
        """As a worker of this one partition would; whether more can be done at once."""
        step = self.partition.advance(self.world.day, refresh=refresh, outcome=outcome)
        answer(step.questions)
        return step.has_more
