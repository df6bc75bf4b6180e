"""A collector in memory, and what senders send to it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from fastapi.testclient import TestClient
from httpx2 import Response
from prometheus_client import CollectorRegistry

from connectors.collector import credentials
from connectors.collector.app import Face, create_app
from connectors.collector.collector import Collector, Place
from connectors.collector.memory import Memory
from connectors.collector.pace import Pace
from connectors.collector.persons import Names
from connectors.collector.senders import Sender, Senders
from connectors.collector.vocabulary import KINDS, Vocabulary
from connectors.people import KnownPeople
from connectors.schemes import Scheme
from schemas.wire import Record
from telemetry.metrics import CollectorMetrics
from tests.connectors.collector.memory_deliveries import MemoryDeliveries
from tests.connectors.connected import CAMPUS, people, quarantined
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.world import DESTINATION, NOW_MS, PARTITIONS, SITE_KEY, events

SECRET: Final = credentials.draw()
BEARER: Final = {"Authorization": f"Bearer {SECRET}"}
VERSION: Final = {"X-Experience-API-Version": "1.0.3"}
MOODLE: Final = "https://moodle.example.ac.uk"
NAMES: Final = Names({MOODLE: Scheme.MOODLE, f"{MOODLE}/user/": Scheme.MOODLE}, Scheme.USERNAME)
KNOWN: Final = [(Scheme.MOODLE, "7"), (Scheme.USERNAME, "ada"), (Scheme.EMAIL, "ada@example.org")]
ERASED: Final = (Scheme.MOODLE, "8")
STATEMENTS: Final = "/xAPI/statements"


def sender(name: str = "moodle", rate: float = 1e9, burst: int = 10_000) -> Sender:
    return Sender(
        name,
        f"{name}.xapi",
        [credentials.hashed(SECRET)],
        NAMES,
        KINDS,
        Vocabulary(),
        rate,
        burst,
    )


def statement(number: int = 1, person: str = "7", /, **changed: object) -> dict[str, object]:
    """Somebody viewed the course 42."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012x}",
        "actor": {"account": {"homePage": MOODLE, "name": person}},
        "verb": {"id": "http://id.tincanapi.com/verb/viewed"},
        "object": {
            "id": f"{MOODLE}/course/view.php?id=42",
            "definition": {"type": "https://w3id.org/xapi/cmi5/activitytype/course"},
        },
        "timestamp": "2023-11-14T09:30:00Z",
        **changed,
    }


def event(number: int = 1, person: str = "7", /, **changed: object) -> dict[str, object]:
    """Somebody went to a page of the course 42."""
    return {
        "@context": "http://purl.imsglobal.org/ctx/caliper/v1p2",
        "id": f"urn:uuid:00000000-0000-4000-8000-{number:012x}",
        "type": "NavigationEvent",
        "actor": {"id": f"{MOODLE}/user/{person}", "type": "Person"},
        "action": "NavigatedTo",
        "object": {"id": f"{MOODLE}/mod/page/view.php?id=9", "type": "WebPage"},
        "group": {"id": f"{MOODLE}/course/view.php?id=42", "type": "CourseSection"},
        "eventTime": "2023-11-14T09:30:00.000Z",
        **changed,
    }


def envelope(*data: object, version: str = "v1p2") -> dict[str, object]:
    return {
        "sensor": f"{MOODLE}/sensor",
        "sendTime": "2023-11-14T09:31:00.000Z",
        "dataVersion": f"http://purl.imsglobal.org/ctx/caliper/{version}",
        "data": list(data),
    }


@dataclass
class World:
    """One collector; `now_s` and `now_ms` are its clocks."""

    senders: Sequence[Sender] = field(default_factory=lambda: [sender()])
    memory: Path | None = None
    body_limit_bytes: int = 1 << 20
    now_s: float = 0.0
    now_ms: int = NOW_MS

    def __post_init__(self) -> None:
        self.publisher = MemoryPublisher(PARTITIONS)
        self.deliveries = MemoryDeliveries(self.publisher)
        self.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._memory.close()

    def restart(self) -> None:
        """The collector, not what it delivered to."""
        self._memory.close()
        self.open()

    def open(self) -> None:
        """Start the collector."""
        place = Place(DESTINATION, self.deliveries, SITE_KEY, CAMPUS, lambda: self.now_ms)
        who: KnownPeople = people(KNOWN, [(ERASED[0], ERASED[1])])
        self._memory = Memory(self.memory, lambda: self.now_ms)
        self.collector = Collector(place, self._memory, who)
        self.metrics = CollectorMetrics(CollectorRegistry())
        self.face = Face(
            self.collector,
            Senders(self.senders),
            Pace(lambda: self.now_s),
            self.metrics,
            lambda: self.now_ms,
            lambda: self.now_s,
            self.body_limit_bytes,
        )
        self.client = TestClient(create_app(self.face))

    def post(self, document: object, **headers: str) -> Response:
        return self.client.post(STATEMENTS, json=document, headers={**BEARER, **VERSION, **headers})

    def put(self, document: object, name: str | None) -> Response:
        parameters = {} if name is None else {"statementId": name}
        return self.client.put(
            STATEMENTS, json=document, params=parameters, headers={**BEARER, **VERSION}
        )

    def send(self, document: object) -> Response:
        return self.client.post("/caliper", json=document, headers=BEARER)

    @property
    def events(self) -> list[Record]:
        return events(self.publisher)

    @property
    def quarantined(self) -> list[Record]:
        return quarantined(self.publisher)

    def skipped(self) -> dict[str, float]:
        """Statements passed over, by rule."""
        return {
            sample.labels["rule"]: sample.value
            for metric in self.metrics.statements_skipped.collect()
            for sample in metric.samples
            if sample.name.endswith("_total")
        }
