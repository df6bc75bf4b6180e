"""A tap that was booked on the wrong student is put right while everything runs."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from broker.publisher import KafkaPublisher
from connectors.day_marks import DayMarker
from connectors.identity import event_id, event_names
from connectors.records import Destination, Encoder, Records
from connectors.source import Period, Student
from ops.clocks import now_ms
from ops.demo.processes import RunningProcess
from ops.demo.waiting import wait_for_sink, wait_for_worker
from ops.generation import Generation, open_generation, publish_policy
from schemas.keys import partition_of, student_key
from schemas.topics import ACTIVITY, ALERT, INDICATOR_CHANGE
from schemas.types import Action, AlertState, Band, Cause, Clock, Day, Kind, StudentId
from schemas.wire import Record, encode
from scoring.days import date_of
from sinks.clickhouse import connect
from streams.campus import CampusDays
from tests.chaos.until import until
from tests.ops.site import Site

pytestmark = pytest.mark.stack

HELD, ABSENT = StudentId(1), StudentId(2)  # who has the other one's tap, and who has none
PARTITIONS, FEED, DEADLINE_S = 2, "taps", 30
CLOSED_DAYS, DAYS_TO_THE_TAP = 5, 6
RULE, CLOSINGS = "very_low_on_3_closings", 3
CAUSES, STATES, BANDS = tuple(Cause), tuple(AlertState), tuple(Band)
POLICY = f"""
version: 1
valid_from: 2020-01-01
title: one tap a week is enough
minimum_counted_days: 3
minimum_weight_share: 0.5
thresholds: {{low: 20, partial: 40, good: 60, high: 80}}
kinds:
  tap_in: {{weight: 1, window_days: 7, measure: days, saturation_per_week: 1, feeds: [{FEED}]}}
alerts:
  - name: {RULE}
    rule: band_at_or_below
    band: very_low
    closings: {CLOSINGS}
    suggestion: get in touch
"""


@dataclass(frozen=True)
class Campus:
    """Two students, of whom one has a tap, six days ago; five days since are closed."""

    site: Site
    generation: Generation
    today: Day

    def tap(self, student: StudentId, *, action: Action, revision: int) -> Records:
        """What the readers say now of the tap six days ago: whether it was this student's."""
        generation, kind = self.generation, Kind.TAP_IN
        day = date_of(self.today - DAYS_TO_THE_TAP)
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        occurred_at = int(moment.timestamp() * 1000)
        (name,) = event_names(("reader 7", str(occurred_at)), 1)
        record: Record = {
            "event_id": event_id(
                self.site.context.site_key,
                name,
                student=student,
                kind=kind,
                occurred_at=occurred_at,
            ),
            "student": student,
            "occurred_at": moment,
            "recorded_at": moment + timedelta(minutes=1),
            "feed": FEED,
            "revision": revision,
            "action": action.value,
            "reader": "7",
            "room": None,
            "session": None,
        }
        topic = ACTIVITY[kind]
        return Records(
            topic.full_name(generation.name),
            [encode(topic, generation.schema_ids[topic], record)],
            [student_key(student)],
            [partition_of(student, generation.partitions)],
        )

    def publish(self, *all_records: Records) -> None:
        """Returns when the broker has them."""
        publisher = KafkaPublisher(self.generation.client, say=print)
        for records in all_records:
            publisher.publish(records.topic, records.values, records.keys, records.partitions)
        publisher.flush()

    def changes(self) -> set[tuple[int, Band, Band, Cause]]:
        """Each change on the topic: whose, from and to which band, and why."""
        frame = self.generation.read(INDICATOR_CHANGE)
        fields = frame.select("student", "previous_band", "band", "cause")
        return {(s, BANDS[p], BANDS[b], CAUSES[c]) for s, p, b, c in fields.iter_rows()}

    def alerts(self) -> set[tuple[int, Day, AlertState, Cause]]:
        """All that was ever said about alerts on the topic: whose, raised when, state, why."""
        fields = self.generation.read(ALERT).select("student", "raised", "state", "cause")
        return {(s, Day(r), STATES[state], CAUSES[c]) for s, r, state, c in fields.iter_rows()}

    def stored(self, sql: str) -> set[tuple[object, ...]]:
        """An answer of ClickHouse's."""
        address = self.site.context.with_generation(self.generation.name).clickhouse
        client = connect(address)
        try:
            return {tuple(row) for row in client.query(sql).result_rows}
        finally:
            client.close()


@pytest.fixture(scope="module")
def campus(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    """With a worker and a sink that have done all there was to do, and go on running."""
    context = site.context.with_generation("correction", clock=Clock.WALL, partitions=PARTITIONS)
    generation = open_generation(context)
    publish_policy(generation, POLICY, origin="test")
    today = CampusDays(generation.zone).day_of(now_ms())
    campus = Campus(site, generation, today)
    to = Destination(generation.name, generation.partitions, generation.schema_ids)
    encoder = Encoder(to, context.site_key)
    period = Period(Day(today - 60), None, "UG", "full_time", "history", "enrolled")
    campus.publish(
        *(encoder.student(Student(student, now_ms(), (period,))) for student in (HELD, ABSENT)),
        campus.tap(HELD, action=Action.ASSERT, revision=0),
    )
    publisher = KafkaPublisher(generation.client, say=print)
    days = [Day(day) for day in range(today - CLOSED_DAYS, today)]
    DayMarker(publisher, encoder, to, {FEED: [Kind.TAP_IN]}, ()).mark(days, now_ms())
    publisher.flush()
    logs = tmp_path_factory.mktemp("correction")
    environment = {
        "LEAP_GENERATION": generation.name,
        "LEAP_PARTITIONS": str(PARTITIONS),
        "LEAP_PUBLISH_INTERVAL_S": "0.5",
    }
    with (
        RunningProcess.start("worker", environment=environment, logs=logs) as worker,
        RunningProcess.start("sink", environment=environment, logs=logs) as sink,
    ):
        wait_for_worker(worker, generation, Day(today - 1))
        wait_for_sink(sink, generation)
        yield campus


def test_a_corrected_tap_shows_the_new_bands_and_the_withdrawn_alert_while_all_runs(
    campus: Campus, capsys: pytest.CaptureFixture[str]
) -> None:
    raised = Day(campus.today - CLOSED_DAYS + CLOSINGS - 1)
    before = {(ABSENT, raised, AlertState.OPEN, Cause.DAY_CLOSED)}
    assert campus.alerts() == before
    assert {change[:3] for change in campus.changes()} == {
        (HELD, Band.NONE, Band.HIGH),
        (ABSENT, Band.NONE, Band.VERY_LOW),
    }
    began = time.monotonic()
    campus.publish(
        campus.tap(HELD, action=Action.RETRACT, revision=1),
        campus.tap(ABSENT, action=Action.ASSERT, revision=0),
    )
    alerts = {
        (ABSENT, raised, AlertState.WITHDRAWN, Cause.CORRECTION),
        (HELD, raised, AlertState.OPEN, Cause.CORRECTION),
    }
    changes = {
        (ABSENT, Band.VERY_LOW, Band.HIGH, Cause.CORRECTION),
        (HELD, Band.HIGH, Band.VERY_LOW, Cause.CORRECTION),
    }
    until(
        lambda: alerts <= campus.alerts() and changes <= campus.changes(),
        "the topics tell of the correction",
        DEADLINE_S,
    )
    told = time.monotonic() - began
    until(lambda: is_stored(campus, raised), "ClickHouse shows the correction", DEADLINE_S)
    stored = time.monotonic() - began
    with capsys.disabled():
        print(f"\na correction was told after {told:.2f} s, and in ClickHouse after {stored:.2f} s")
    assert campus.alerts() == before | alerts


def is_stored(campus: Campus, raised: Day) -> bool:
    """Whether all past days, the present and both alerts are there as they are known now."""
    bands = {(HELD, "very_low"), (ABSENT, "high")}
    days = [date_of(day) for day in range(campus.today - CLOSED_DAYS, campus.today)]
    closings = "SELECT student, day, band, cause, revision FROM indicator_day FINAL"
    alerts = "SELECT student, raised, state, cause FROM alert FINAL"
    return (
        campus.stored("SELECT student, band FROM indicator FINAL") == bands
        and campus.stored(closings)
        == {(student, day, band, "correction", 1) for student, band in bands for day in days}
        and campus.stored(alerts)
        == {
            (HELD, date_of(raised), "open", "correction"),
            (ABSENT, date_of(raised), "withdrawn", "correction"),
        }
    )
