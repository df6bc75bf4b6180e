"""How fast a sink loads: `python -m tests.sinks.speed --kafka HOST:PORT --events N --closings N`.

Publishes to topics of a generation of its own, starts a ClickHouse as the local stack does, and
measures from the start of the sink until everything is loaded and committed. No registry is
needed: the schema ids are made up.
"""

import argparse
import resource
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.watching import cpu_seconds
from broker.clients import ClientConfig
from broker.publisher import KafkaPublisher
from broker.topics import ensure_topics
from schemas import topics
from schemas.avro import fields_of, schema_of
from schemas.columns import Coded, Column, ColumnEncoder, Items
from schemas.keys import partitions_of, student_day_keys, student_keys
from schemas.topics import RetentionDays, Topic
from schemas.types import KINDS
from sinks.clickhouse import ClickHouseAddress, connect
from sinks.config import SinkConfig
from sinks.queries import Queries
from sinks.tenure import Limits
from tests.deploy.server import USER, Server
from tests.sinks.running import RunningSink, ends_of, until

PARTITIONS = 24
STUDENTS = 20_000
DAY_MS = 86_400_000
FIRST_MS = 1_700_000_000_000
CHUNK = 200_000
IDS = {topic: number for number, topic in enumerate(topics.TOPICS, start=1)}


@dataclass(frozen=True)
class Publishing:
    client: ClientConfig
    generation: str

    def publish(
        self, topic: Topic, students: np.ndarray, keys: list[bytes], columns: dict[str, Column]
    ) -> None:
        encoder = ColumnEncoder(schema_of(topic), IDS[topic])
        publisher = KafkaPublisher(self.client, say=print)
        partitions = partitions_of(students, PARTITIONS)
        for start in range(0, len(students), CHUNK):
            rows = slice(start, start + CHUNK)
            part = {name: _cut(column, rows) for name, column in columns.items()}
            values = encoder.encode(part, len(students[rows]))
            publisher.publish(
                topic.full_name(self.generation), values, keys[rows], partitions[rows].tolist()
            )
        publisher.flush()


def _cut(column: Column, rows: slice) -> Column:
    match column:
        case np.ndarray():
            return column[rows]
        case Coded(codes, values):
            return Coded(codes[rows], values)
        case Items(columns, items):
            return Items({name: _cut(inner, rows) for name, inner in columns.items()}, items)
        case _:
            return column


def events(to: Publishing, count: int) -> None:
    random = np.random.default_rng(1)
    ids = random.integers(0, 2**53, STUDENTS)
    per_kind = count // len(KINDS)
    for kind in KINDS:
        topic = topics.ACTIVITY[kind]
        students = ids[random.integers(0, STUDENTS, per_kind)]
        own = [str(field["name"]) for field in fields_of(schema_of(topic))[7:]]
        when = FIRST_MS + np.sort(random.integers(0, 60 * DAY_MS, per_kind))
        columns: dict[str, Column] = dict.fromkeys(own)
        texts = [f"{kind} {n}" for n in range(300)]
        for name in ("module", "object", "reader", "room", "lab"):
            if name in columns:
                columns[name] = Coded(random.integers(0, 300, per_kind), texts)
        columns |= {
            "event_id": random.integers(0, 256, (per_kind, 16)).astype(np.uint8),
            "student": students,
            "occurred_at": when,
            "recorded_at": when + 1000,
            "feed": f"feed of {kind}",
            "revision": 0,
            "action": "assert",
        }
        to.publish(topic, students, student_keys(students), columns)


def closings(to: Publishing, count: int) -> None:
    random = np.random.default_rng(2)
    days = -(-count // STUDENTS)
    students = np.tile(random.integers(0, 2**53, STUDENTS), days)[:count]
    day = np.repeat(np.arange(days) + 19_600, STUDENTS)[:count]
    items = 8
    numbers = random.integers(0, 10_000, (count, items))
    contributions: dict[str, Column] = {
        "kind": Coded(
            np.broadcast_to(np.arange(items), (count, items)), [k.value for k in KINDS[:items]]
        ),
        "counted": numbers % 3 > 0,
        "reason": Coded((numbers % 3 == 0).astype(np.int64), ["", "too few counted days"]),
        "amount": numbers % 40,
        "days": (numbers % 2100) / 100,
        "rate": numbers / 100,
        "points": (numbers % 3000) / 100,
        "weight": np.broadcast_to(np.arange(items) * 2.5, (count, items)),
        "due": numbers % 5,
    }
    columns: dict[str, Column] = {
        "student": students,
        "day": day,
        "status": "scored",
        "band": "good",
        "score": numbers[:, 0] / 100,
        "reason": "",
        "contributions": Items(contributions, items),
        "policy": 1,
        "revision": 0,
        "cause": "day_closed",
        "computed_at": FIRST_MS,
        "writer": "worker-1.1",
    }
    to.publish(topics.INDICATOR_DAY, students, student_day_keys(students, day), columns)


def cpu_of(pid: int) -> float:
    return cpu_seconds(Path(f"/proc/{pid}"))


def cpu_here() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--events", type=int, default=0)
    parser.add_argument("--closings", type=int, default=0)
    given = parser.parse_args()
    to = Publishing(ClientConfig(given.kafka), f"s{uuid.uuid4().hex[:10]}")
    ensure_topics(
        to.client, to.generation, partitions=PARTITIONS, retention=RetentionDays(1000, 30)
    )
    events(to, given.events)
    closings(to, given.closings)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        server.start()
        try:
            server.wait()
            measure(to, server, given.events + given.closings)
        finally:
            server.stop()


def measure(to: Publishing, server: Server, records: int) -> None:
    """Load everything that was published, and say how fast that was."""
    ends = ends_of(to.client, to.generation, PARTITIONS)
    address = ClickHouseAddress("127.0.0.1", server.port, USER, server.password, "speed")
    config = SinkConfig(to.client, to.generation, IDS, lambda number: None, address)
    before = cpu_here(), cpu_of(server.pid)
    began = time.perf_counter()
    with RunningSink(config, Limits()) as sink:
        until(lambda: bool(sink.positions), "the sink joined")
        ready = time.perf_counter()
        sink.wait_until_loaded(ends, 600)
        loaded = time.perf_counter()
        used = cpu_here() - before[0], cpu_of(server.pid) - before[1]
    client = connect(address)
    counts = Queries(client, address).row_counts()
    client.close()
    print(f"{counts}")
    print(
        f"{records} records in {loaded - began:.2f} s, of these {ready - began:.2f} s until joined:"
        f" {records / (loaded - began):,.0f}/s; CPU seconds a million: sink"
        f" {used[0] / records * 1e6:.2f}, ClickHouse {used[1] / records * 1e6:.2f}"
    )


if __name__ == "__main__":
    main()
