"""`Deliveries` that keep their records in memory. They can be told to be busy, away, or slow."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from broker.deliveries import Busy, Parcel
from broker.publisher import Place
from schemas.errors import Unreachable
from tests.connectors.memory_publisher import MemoryPublisher


@dataclass(slots=True)
class MemoryDeliveries:
    """What is delivered lies in `publisher`'s log, as what connectors publish.

    `limit`: records that may wait. While `is_away`, a delivery fails after every other record was
    stored. While `gate` is closed, deliveries wait.
    """

    publisher: MemoryPublisher
    limit: int = 1_000_000
    is_away: bool = False
    gate: asyncio.Event | None = None
    waiting: int = 0
    waiting_s: float = 0.0
    _open: set["asyncio.Future[None]"] = field(default_factory=set)

    async def deliver(self, parcels: Sequence[Parcel]) -> None:
        count = sum(len(parcel.values) for parcel in parcels)
        if self.waiting and self.waiting + count > self.limit:
            raise Busy("memory is full: wait")
        self.waiting += count
        done = asyncio.get_running_loop().create_future()
        self._open.add(done)
        try:
            if self.gate is not None:
                await self.gate.wait()
            self._store(parcels)
        finally:
            self.waiting -= count
            self._open.discard(done)
            done.set_result(None)

    def _store(self, parcels: Sequence[Parcel]) -> None:
        step = 2 if self.is_away else 1
        for parcel in parcels:
            for value, key, partition in list(
                zip(parcel.values, parcel.keys, parcel.partitions, strict=True)
            )[::step]:
                self.publisher.publish(parcel.topic, [value], [key], [partition])
        self.publisher.flush()
        if self.is_away:
            raise Unreachable("memory was told to be away: send it again")

    async def settled(self) -> None:
        if self._open:
            await asyncio.wait(set(self._open))


def stored(deliveries: MemoryDeliveries) -> list[tuple[Place, bytes, bytes]]:
    return [(one.place, one.key, one.value) for one in deliveries.publisher.log]
