"""A small university that runs by the wall, with a worker and a sink: all it has is taps.

Two students of history, of whom one holds a tap that was the other's, six days ago. Five days since
are closed. Thirty more students, half of physics and half of chemistry, have 0 to 4 taps each.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

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
from tests.leap import app
from tests.ops.site import Site

NAME, PARTITIONS, FEED = "taps", 2, "taps"
CLOSED_DAYS, DAYS_TO_THE_TAP, CLOSINGS = 5, 6, 3
HELD, ABSENT = StudentId(1), StudentId(2)  # who has the other one's tap, and who has none
OTHERS = [StudentId(n) for n in range(1000, 1030)]
RULE = "very_low_on_3_closings"
CONTACT_RULE = "no_contact_on_3_days"
CAUSES, STATES, BANDS = tuple(Cause), tuple(AlertState), tuple(Band)
POLICY = f"""\
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
compliance:
  rules:
    - name: {CONTACT_RULE}
      rule: contact_points
      basis: the sponsor's duty
      kinds: [tap_in]
      at_least: 1
      within_days: 3
"""


def programme_of(student: StudentId) -> str:
    if student in OTHERS:
        return ("physics", "chemistry")[student % 2]
    return "history"


def taps_of(student: StudentId) -> int:
    """In the days before yesterday, one a day, of those who are neither `HELD` nor `ABSENT`."""
    return student % 5


@dataclass(frozen=True)
class Campus:
    """What is published, and how it looks from outside."""

    site: Site
    generation: Generation
    today: Day

    def tap(
        self,
        student: StudentId,
        *,
        action: Action = Action.ASSERT,
        revision: int = 0,
        days_ago: int = DAYS_TO_THE_TAP,
    ) -> Records:
        """What the readers say now of a tap at noon: whether it was this student's."""
        generation, kind = self.generation, Kind.TAP_IN
        day = date_of(self.today - days_ago)
        moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        occurred_at = int(moment.timestamp() * 1000)
        (name,) = event_names(("reader 7", str(occurred_at)), 1)
        key = self.site.context.site_key
        record: Record = {
            "event_id": event_id(key, name, student=student, kind=kind, occurred_at=occurred_at),
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
        """Each change in history's bands on the topic: whose, from and to which, and why."""
        frame = self.generation.read(INDICATOR_CHANGE)
        fields = frame.select("student", "previous_band", "band", "cause")
        return {
            (s, BANDS[p], BANDS[b], CAUSES[c])
            for s, p, b, c in fields.iter_rows()
            if s not in OTHERS
        }

    def alerts(self) -> set[tuple[int, Day, AlertState, Cause]]:
        """All that was said about history's alerts on the topic: whose, raised when, state, why."""
        fields = self.generation.read(ALERT).select("student", "raised", "state", "cause")
        return {
            (s, Day(r), STATES[state], CAUSES[c])
            for s, r, state, c in fields.iter_rows()
            if s not in OTHERS
        }

    def stored(self, sql: str) -> set[tuple[object, ...]]:
        """An answer of ClickHouse's, as far as it is about history; rows begin with a student."""
        address = self.site.context.with_generation(self.generation.name).clickhouse
        client = connect(address)
        try:
            rows = client.query(sql).result_rows
            return {tuple(row) for row in rows if row[0] not in OTHERS}
        finally:
            client.close()

    def leap(self, *arguments: str, status: int = 0, clickhouse: str | None = None) -> str:
        """What a command prints; `clickhouse`: another address of it."""
        settings = {"LEAP_GENERATION": NAME, "LEAP_PARTITIONS": str(PARTITIONS)}
        if clickhouse is not None:
            settings["LEAP_CLICKHOUSE"] = clickhouse
        done = CliRunner().invoke(app, arguments, env=settings)
        assert done.exit_code == status, (done.output, done.exception)
        return done.stdout

    def leap_json(self, *arguments: str) -> dict[str, Any]:
        """What a command says to machines."""
        found: dict[str, Any] = json.loads(self.leap(*arguments, "--json"))
        return found


@contextmanager
def running_campus(site: Site, logs: Path) -> Iterator[Campus]:
    """With a worker and a sink that have done all there was to do, and go on running."""
    context = site.context.with_generation(NAME, clock=Clock.WALL, partitions=PARTITIONS)
    generation = open_generation(context)
    publish_policy(generation, POLICY, origin="test")
    today = CampusDays(generation.zone).day_of(now_ms())
    campus = Campus(site, generation, today)
    to = Destination(generation.name, generation.partitions, generation.schema_ids)
    encoder = Encoder(to, context.site_key)
    campus.publish(
        *(encoder.student(_student(student, today)) for student in (HELD, ABSENT, *OTHERS)),
        campus.tap(HELD),
        *(
            campus.tap(student, days_ago=2 + number)
            for student in OTHERS
            for number in range(taps_of(student))
        ),
    )
    publisher = KafkaPublisher(generation.client, say=print)
    days = [Day(day) for day in range(today - CLOSED_DAYS, today)]
    DayMarker(publisher, encoder, to, {FEED: [Kind.TAP_IN]}, ()).mark(days, now_ms())
    publisher.flush()
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


def _student(student: StudentId, today: Day) -> Student:
    period = Period(Day(today - 60), None, "UG", "full_time", programme_of(student), "enrolled")
    return Student(student, now_ms(), (period,))
