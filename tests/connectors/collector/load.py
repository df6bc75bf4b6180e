"""Senders that send batches at a steady rate, and send again whatever was not acknowledged."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

import httpx2
import numpy as np
from numpy.typing import NDArray

from tests.connectors.collector.face import MOODLE, STATEMENTS, VERSION

PAUSE_LIMIT_S = 0.5  # the test does not wait for as long as it is told to
CONNECTIONS = 8
REFUSED = (429, 503)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much, how fast."""

    statements: int
    batch: int
    per_second: float
    students: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One that was acknowledged. All in seconds."""

    due: float
    """When, from the first one on."""
    late: float
    """How far behind its time it was acknowledged, waiting for a sender included."""
    took: float
    """From sending it, the last time if it was refused, to its acknowledgement."""


@dataclass(slots=True)
class Outcome:
    """What became of it."""

    acknowledged: set[int] = field(default_factory=set)
    batches: list[Batch] = field(default_factory=list)
    refused: int = 0
    lost_connections: int = 0
    duration_s: float = 0.0
    cpu_s: float = 0.0
    """What sending took of the machine that the collector runs on, too."""

    def report(self, after_s: float = 0.0) -> dict[str, float]:
        """Times are from the moment at which a batch was due to its acknowledgement, so that one
        that had to wait for a sender to be free took that long too.

        What was due before `after_s` is told by itself: a broker that has just started is slow.
        """
        counted = [one for one in self.batches if one.due >= after_s]
        late = _milliseconds(one.late for one in counted)
        first = _milliseconds(one.late for one in self.batches if one.due < after_s)
        took = _milliseconds(one.took for one in counted)
        return {
            "statements": len(self.acknowledged),
            "per_second": round(len(self.acknowledged) / self.duration_s),
            **{f"p{at}_ms": _percentile(late, at) for at in (50, 95, 99)},
            "max_ms": _percentile(late, 100),
            "p99_from_sending_ms": _percentile(took, 99),
            **({"p99_of_the_first_ms": _percentile(first, 99)} if len(first) else {}),
            "sending_cpu_ms_per_batch": round(1000 * self.cpu_s / len(self.batches), 2),
            "refused": self.refused,
            "lost_connections": self.lost_connections,
        }


def _milliseconds(seconds: Iterable[float]) -> NDArray[np.float64]:
    return 1000 * np.fromiter(seconds, np.float64)


def _percentile(values: NDArray[np.float64], at: int) -> float:
    return round(float(np.percentile(values, at)), 1)


def statement(number: int, plan: Plan) -> dict[str, object]:
    """The course's id is the statement's number, by which it is found again.

    Its own id is random, as senders' are: ids in order are far less work to remember.
    """
    return {
        "id": str(uuid4()),
        "actor": {
            "objectType": "Agent",
            "name": "Somebody",
            "account": {"homePage": MOODLE, "name": str(1 + number % plan.students)},
        },
        "verb": {"id": "http://id.tincanapi.com/verb/viewed", "display": {"en": "viewed"}},
        "object": {
            "id": f"{MOODLE}/course/view.php?id={number}",
            "definition": {
                "type": "https://w3id.org/xapi/cmi5/activitytype/course",
                "name": {"en": "A course of some name"},
            },
        },
        "context": {
            "platform": "Moodle",
            "language": "en",
            "extensions": {
                "http://lrs.learninglocker.net/define/extensions/info": {
                    "event_name": "\\core\\event\\course_viewed"
                }
            },
        },
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }


async def send(
    url: str,
    secret: str,
    plan: Plan,
    told: Callable[[int], None] = lambda acknowledged: None,
) -> Outcome:
    """Send all of it; returns when everything is acknowledged. `told` is told how much is."""
    outcome = Outcome()
    queue: asyncio.Queue[tuple[float, range, bytes]] = asyncio.Queue()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json", **VERSION}
    # Written before the clock runs: what senders take, the collector does not have.
    bodies = [_body(numbers, plan) for numbers in _batches(plan)]
    begun, used = time.monotonic(), time.process_time()
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60) as client:

        async def sender() -> None:
            while True:
                due, numbers, body = await queue.get()
                took = await _until_acknowledged(client, numbers, body, outcome)
                outcome.batches.append(Batch(due - begun, time.monotonic() - due, took))
                told(len(outcome.acknowledged))
                queue.task_done()

        senders = [asyncio.create_task(sender()) for _ in range(CONNECTIONS)]
        for numbers, body in zip(_batches(plan), bodies, strict=True):
            due = begun + numbers.start / plan.per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            queue.put_nowait((due, numbers, body))
        await queue.join()
        outcome.duration_s = time.monotonic() - begun
        outcome.cpu_s = time.process_time() - used
        for task in senders:
            task.cancel()
    return outcome


def _batches(plan: Plan) -> list[range]:
    return [
        range(first, min(first + plan.batch, plan.statements))
        for first in range(0, plan.statements, plan.batch)
    ]


def _body(numbers: range, plan: Plan) -> bytes:
    batch = [statement(number, plan) for number in numbers]
    return json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode()


async def _until_acknowledged(
    client: httpx2.AsyncClient, numbers: range, body: bytes, outcome: Outcome
) -> float:
    """How many seconds it took, from sending it the last time."""
    while True:
        began = time.monotonic()
        try:
            answer = await client.post(STATEMENTS, content=body)
        except httpx2.TransportError:
            outcome.lost_connections += 1
            await asyncio.sleep(PAUSE_LIMIT_S)
            continue
        if answer.status_code in REFUSED:
            outcome.refused += 1
            await asyncio.sleep(min(PAUSE_LIMIT_S, float(answer.headers["Retry-After"])))
            continue
        assert answer.status_code == 200, answer.text
        outcome.acknowledged.update(numbers)
        return time.monotonic() - began
