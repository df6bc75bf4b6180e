"""A university with a live generation: students, a policy, closed days, and some history."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from broker.publisher import KafkaPublisher
from connectors.records import Destination, Encoder, Records
from connectors.source import ActivityBatch, Period, Student
from ops.clocks import now_ms
from ops.context import Context
from ops.generation import Generation, open_generation, publish_policy
from ops.settings import load_settings
from schemas.topics import ACTIVITY
from schemas.types import Clock, Day, Kind, StudentId
from streams.campus import CampusDays
from tests.chaos.history import HISTORY_DAYS, publish_history

ZONE = "Europe/London"
DAY_MS = 86_400_000
CLOSED_DAYS = 3  # before today; marked when the generation is made
ENROLLED_DAYS = 100
FEEDS = {Kind.MOODLE_COURSE: "chaos.vle", Kind.TAP_IN: "chaos.taps"}
KINDS = tuple(FEEDS)

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Scale:
    """How much there is to do."""

    partitions: int
    students: int
    history: int  # events in the window before the load begins
    live: int  # events a second


def policy_text(scale: Scale) -> str:
    """A policy under which a minute of load moves students through all the bands."""
    history = scale.history / scale.students / HISTORY_DAYS * 7
    saturation = max(1, history + scale.live * 60 / scale.students)
    return f"""
version: 1
valid_from: 2020-01-01
title: chaos
look_back_days: 70
amendment_days: 14
minimum_counted_days: 3
minimum_weight_share: 0.5
thresholds: {{low: 20, partial: 40, good: 60, high: 80}}
kinds:
  moodle_course:
    weight: 3
    window_days: 7
    measure: events
    saturation_per_week: {saturation:.0f}
    feeds: [chaos.vle]
  tap_in:
    weight: 1
    window_days: 14
    measure: days
    saturation_per_week: 5
    feeds: [chaos.taps]
"""


@dataclass(frozen=True)
class Campus:
    """Where everything is."""

    generation: Generation
    environment: Mapping[str, str]  # of its processes
    scale: Scale
    students: Integers
    encoder: Encoder
    today: Day  # when it was made; midnight may pass

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The activities that there are."""
        return KINDS

    def publisher(self) -> KafkaPublisher:
        return KafkaPublisher(self.generation.client, say=print)

    def student(self, student: StudentId, *, until_day: Day | None = None) -> Records:
        """A student's record: enrolled, or only up to a day."""
        first = Day(self.today - ENROLLED_DAYS)
        period = Period(first, until_day, "UG", "full_time", "chaos", "enrolled")
        return self.encoder.student(Student(student, now_ms(), (period,)))

    def events(
        self, kind: Kind, numbers: Integers, students: Integers, occurred_at: Integers
    ) -> Records:
        """Events of one kind; `numbers` name them, the same number is the same event."""
        batch = ActivityBatch(
            kind=kind,
            feed=FEEDS[kind],
            student=students,
            occurred_at=occurred_at,
            recorded_at=occurred_at,
            source_key=("chaos", numbers),
            fields={},
        )
        return self.encoder.activity(batch)


def make_campus(
    name: str,
    scale: Scale,
    *,
    kafka: str,
    registry: str,
    folder: Path,
    seed: int,
    unmarked_days: int = 0,
) -> Campus:
    """Create the topics, the policy, the students and the marks, and publish the history.

    `unmarked_days`: days before today of which the feeds have said nothing.
    """
    environment = {
        "LEAP_KAFKA": kafka,
        "LEAP_REGISTRY": registry,
        "LEAP_CLICKHOUSE": "http://127.0.0.1:1",  # nobody asks it
        "LEAP_SITE_KEY": "0123456789abcdef0123456789abcdef",
        "LEAP_FOLDER": str(folder),
        "LEAP_GENERATION": name,
        "LEAP_CLOCK": Clock.WALL.value,
        "LEAP_ZONE": ZONE,
        "LEAP_PARTITIONS": str(scale.partitions),
        "LEAP_PUBLISH_INTERVAL_S": "0.2",
    }
    context = Context(load_settings(environment))
    generation = open_generation(context)
    publish_policy(generation, policy_text(scale), origin="chaos")
    random = np.random.default_rng(seed)
    campus = Campus(
        generation=generation,
        environment={"PATH": os.defpath, **environment},
        scale=scale,
        students=np.unique(random.integers(1, 2**53, scale.students)),
        encoder=Encoder(
            Destination(name, scale.partitions, generation.schema_ids), context.site_key
        ),
        today=CampusDays(ZoneInfo(ZONE)).day_of(now_ms()),
    )
    publisher = campus.publisher()
    for student in campus.students.tolist():
        send(publisher, campus.student(StudentId(student)))
    publisher.flush()
    publish_history(campus, random)
    end = campus.today - unmarked_days
    for kind, feed in FEEDS.items():
        for day in range(end - CLOSED_DAYS, end):
            places = [(ACTIVITY[kind], p, 0) for p in range(scale.partitions)]
            send(publisher, campus.encoder.mark(feed, Day(day), now_ms(), places))
    publisher.flush()
    context.close()
    return campus


def send(publisher: KafkaPublisher, records: Records) -> None:
    publisher.publish(records.topic, records.values, records.keys, records.partitions)
