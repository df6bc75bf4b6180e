"""Publishing for those who wait for an answer: each delivery is done when Kafka has all of it.

How `KafkaDeliveries` delivers:

1. Records are queued if the records that wait already leave room; else it is Busy at once.
2. librdkafka sends in the background. As long as something waits, the event loop asks every few
   milliseconds which records were acknowledged. A thread that hears of them would want the
   interpreter once a record, and where the loop is busy it gets it after 5 ms: a quarter of a
   second for a delivery of 50.
3. When the last one of a delivery is heard of, whoever waits for it goes on, or hears the error.
4. `settled` waits for all that was begun before: what is published after it lies behind them.

Records may be sent twice while a broker comes and goes, and their order is not kept: events have
ids, and their order does not matter. So this producer is not an idempotent one, which would have
to be given up after some errors.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from broker.clients import ClientConfig
from schemas.errors import LeapError, Unreachable

WAITING_LIMIT: Final = 50_000
"""Records that may wait for the broker: 25 s of 2,000 a second, some 10 MB."""
PATIENCE_S: Final = 20.0
"""How long a delivery may take: senders give up after 30 s or so, and send again."""
_QUEUE_RECORDS: Final = 1_000_000
"""Never full: what is taken beside what waits is one request."""
_POLL_S: Final = 0.002
_FLUSH_S: Final = 0.05
_LINGER_MS: Final = 2


class Busy(LeapError):
    """So much waits for the broker that no more is taken; asking again later is the remedy."""


class Parcel(NamedTuple):
    """Records of one topic, as many values as keys and partitions."""

    topic: str
    values: Sequence[bytes]
    keys: Sequence[bytes]
    partitions: Sequence[int]


class Deliveries(Protocol):
    """Where records go whose sender waits."""

    async def deliver(self, parcels: Sequence[Parcel]) -> None:
        """Returns once every record is acknowledged.

        Raises Busy when nothing of it was taken, and Unreachable when it cannot be said what of
        it was. To deliver the same again is the remedy for either, and harmless.
        """

    async def settled(self) -> None:
        """Return once nothing waits of what was begun before, whatever became of it."""

    @property
    def waiting(self) -> int:
        """Records that are not acknowledged yet."""

    @property
    def waiting_s(self) -> float:
        """For how long the oldest of them has waited."""


@dataclass(slots=True, eq=False)
class _Delivery:
    left: int
    since: float
    done: "asyncio.Future[None]"
    loss: KafkaError | None = None


class KafkaDeliveries:
    """`Deliveries` to the broker at `client`; belongs to the event loop it was made in."""

    def __init__(
        self,
        client: ClientConfig,
        *,
        limit: int = WAITING_LIMIT,
        patience_s: float = PATIENCE_S,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._limit = limit
        self._now_s = now_s
        self._loop = asyncio.get_running_loop()
        self._open: dict[_Delivery, None] = {}  # in the order in which they were begun
        self._producer = Producer(
            {
                **client.settings(),
                "acks": "all",
                "compression.type": "lz4",
                "linger.ms": _LINGER_MS,
                "message.timeout.ms": round(patience_s * 1000),
                "queue.buffering.max.messages": _QUEUE_RECORDS,
            }
        )
        self._is_hearing = False

    @property
    def waiting(self) -> int:
        """Records that are not acknowledged yet."""
        return sum(one.left for one in self._open)

    @property
    def waiting_s(self) -> float:
        """For how long the oldest of them has waited."""
        oldest = next(iter(self._open), None)
        return 0.0 if oldest is None else self._now_s() - oldest.since

    async def deliver(self, parcels: Sequence[Parcel]) -> None:
        """Queue them, and wait."""
        count = sum(len(parcel.values) for parcel in parcels)
        if not count:
            return
        waiting = self.waiting
        if waiting and waiting + count > self._limit:
            raise Busy(f"{waiting} records wait for Kafka at {self._client.bootstrap}: wait too")
        delivery = _Delivery(count, self._now_s(), self._loop.create_future())
        self._open[delivery] = None

        def heard(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                delivery.loss = error
            delivery.left -= 1
            if not delivery.left:
                self._finish(delivery)

        unqueued = count
        try:
            for topic, values, keys, partitions in parcels:
                for value, key, partition in zip(values, keys, partitions, strict=True):
                    self._producer.produce(topic, value, key, partition, on_delivery=heard)
                    unqueued -= 1
        except (KafkaException, BufferError) as error:
            self._open.pop(delivery, None)
            raise Unreachable(
                f"Kafka at {self._client.bootstrap} did not take {unqueued} of {count} records"
                f" ({error}): send them again"
            ) from error
        if not self._is_hearing:
            self._is_hearing = True
            self._loop.call_later(_POLL_S, self._hear)
        # A caller that goes away does not take the delivery with it.
        await asyncio.shield(delivery.done)
        if delivery.loss is not None:
            raise Unreachable(
                f"Kafka at {self._client.bootstrap} did not acknowledge all of {count} records"
                f" ({delivery.loss.str()}): send them again; what it has is recognised"
            )

    async def settled(self) -> None:
        """Wait for all that is open now."""
        open_now = [delivery.done for delivery in self._open]
        if open_now:
            await asyncio.wait(open_now)

    def close(self) -> None:
        """Hear what there is to hear, and stop; whoever still waits does so for ever."""
        self._producer.flush(_FLUSH_S)

    def _finish(self, delivery: _Delivery) -> None:
        self._open.pop(delivery, None)
        if not delivery.done.done():
            delivery.done.set_result(None)

    def _hear(self) -> None:
        self._producer.poll(0)
        self._is_hearing = bool(self._open)
        if self._is_hearing:
            self._loop.call_later(_POLL_S, self._hear)
