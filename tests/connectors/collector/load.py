"""Senders that send batches at a steady rate, and send again whatever was not acknowledged."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2
import numpy as np

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


@dataclass(slots=True)
class Outcome:
    """What became of it."""

    acknowledged: set[int] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)
    """From sending a batch to its acknowledgement, of batches that were not refused."""
    late_s: list[float] = field(default_factory=list)
    """How far behind its time each batch was acknowledged, waiting for a sender included."""
    refused: int = 0
    lost_connections: int = 0
    duration_s: float = 0.0

    def report(self) -> dict[str, float]:
        ms = np.array(self.seconds) * 1000
        late = np.array(self.late_s) * 1000
        return {
            "statements": len(self.acknowledged),
            "per_second": round(len(self.acknowledged) / self.duration_s),
            "p50_ms": round(float(np.percentile(ms, 50)), 1),
            "p99_ms": round(float(np.percentile(ms, 99)), 1),
            "max_ms": round(float(ms.max()), 1),
            "p99_behind_schedule_ms": round(float(np.percentile(late, 99)), 1),
            "refused": self.refused,
            "lost_connections": self.lost_connections,
        }


def statement(number: int, plan: Plan) -> dict[str, object]:
    """The course's id is the statement's number, by which it is found again."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012x}",
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
    queue: asyncio.Queue[tuple[float, range]] = asyncio.Queue()
    headers = {"Authorization": f"Bearer {secret}", **VERSION}
    begun = time.monotonic()
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60) as client:

        async def sender() -> None:
            while True:
                due, numbers = await queue.get()
                await _until_acknowledged(client, plan, numbers, outcome)
                outcome.late_s.append(time.monotonic() - due)
                told(len(outcome.acknowledged))
                queue.task_done()

        senders = [asyncio.create_task(sender()) for _ in range(CONNECTIONS)]
        for first in range(0, plan.statements, plan.batch):
            due = begun + first / plan.per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            queue.put_nowait((due, range(first, min(first + plan.batch, plan.statements))))
        await queue.join()
        outcome.duration_s = time.monotonic() - begun
        for task in senders:
            task.cancel()
    return outcome


async def _until_acknowledged(
    client: httpx2.AsyncClient, plan: Plan, numbers: range, outcome: Outcome
) -> None:
    batch = [statement(number, plan) for number in numbers]
    while True:
        began = time.monotonic()
        try:
            answer = await client.post(STATEMENTS, json=batch)
        except httpx2.TransportError:
            outcome.lost_connections += 1
            await asyncio.sleep(PAUSE_LIMIT_S)
            continue
        if answer.status_code in REFUSED:
            outcome.refused += 1
            await asyncio.sleep(min(PAUSE_LIMIT_S, float(answer.headers["Retry-After"])))
            continue
        assert answer.status_code == 200, answer.text
        outcome.seconds.append(time.monotonic() - began)
        outcome.acknowledged.update(numbers)
        return
