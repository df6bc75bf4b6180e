"""What every `Deliveries` promises, in memory and on a real broker."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from broker.clients import ClientConfig
from broker.deliveries import Busy, Deliveries, KafkaDeliveries, Parcel
from broker.publisher import KafkaPublisher, Place
from schemas.errors import Unreachable
from tests.connectors.collector.memory_deliveries import MemoryDeliveries
from tests.connectors.memory_publisher import MemoryPublisher

PARTITIONS = 3
DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True)
class World:
    """Makes deliveries within an event loop; a topic, and how many records lie in it."""

    topic: str
    opened: Callable[[int], AbstractContextManager[Deliveries]]
    stored: Callable[[], int]

    def run(self, told: Callable[[Deliveries], Awaitable[None]], limit: int = 1000) -> None:
        async def running() -> None:
            with self.opened(limit) as deliveries:
                await asyncio.wait_for(told(deliveries), DEADLINE_S)

        asyncio.run(running())

    def parcel(self, count: int) -> Parcel:
        values = [b"%d" % n for n in range(count)]
        return Parcel(self.topic, values, values, [n % PARTITIONS for n in range(count)])


def in_memory() -> World:
    publisher = MemoryPublisher(PARTITIONS)
    return World(
        "t",
        lambda limit: nullcontext(MemoryDeliveries(publisher, limit)),
        lambda: len(publisher.log),
    )


def on_kafka(address: str) -> World:
    topic = f"c-deliveries-{uuid.uuid4().hex[:12]}"
    admin = AdminClient({"bootstrap.servers": address})
    for future in admin.create_topics([NewTopic(topic, PARTITIONS, 1)]).values():
        future.result(timeout=DEADLINE_S)
    client = ClientConfig(address)

    @contextmanager
    def opened(limit: int) -> Iterator[Deliveries]:
        deliveries = KafkaDeliveries(client, limit=limit)
        yield deliveries
        deliveries.close()

    def stored() -> int:
        places = [Place(topic, partition) for partition in range(PARTITIONS)]
        return sum(KafkaPublisher(client, say=print).log_ends(places).values())

    return World(topic, opened, stored)


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.stack)])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "memory":
        return in_memory()
    return on_kafka(request.getfixturevalue("kafka"))


def test_what_is_delivered_is_stored_when_deliver_returns(world: World) -> None:
    async def told(deliveries: Deliveries) -> None:
        await asyncio.gather(*(deliveries.deliver([world.parcel(30)]) for _ in range(10)))
        assert world.stored() == 300
        assert (deliveries.waiting, deliveries.waiting_s) == (0, 0.0)

    world.run(told)


def test_nothing_is_delivered_at_once_and_nothing_is_settled_at_once(world: World) -> None:
    async def told(deliveries: Deliveries) -> None:
        await deliveries.deliver([])
        await deliveries.settled()

    world.run(told)
    assert world.stored() == 0


def test_after_settled_everything_begun_before_is_stored(world: World) -> None:
    async def told(deliveries: Deliveries) -> None:
        begun = [asyncio.create_task(deliveries.deliver([world.parcel(50)])) for _ in range(5)]
        await asyncio.sleep(0)
        await deliveries.settled()
        assert world.stored() == 250
        await asyncio.gather(*begun)

    world.run(told)


def test_one_delivery_may_be_larger_than_what_may_wait(world: World) -> None:
    async def told(deliveries: Deliveries) -> None:
        await deliveries.deliver([world.parcel(50)])

    world.run(told, limit=10)
    assert world.stored() == 50


NOBODY = ClientConfig("127.0.0.1:1")


def test_when_too_much_waits_the_next_is_told_to_wait_at_once() -> None:
    async def told() -> None:
        deliveries = KafkaDeliveries(NOBODY, limit=10, patience_s=2)
        parcel = Parcel("t", [b"v"] * 10, [b"k"] * 10, [0] * 10)
        first = asyncio.create_task(deliveries.deliver([parcel]))
        await asyncio.sleep(0)
        assert deliveries.waiting == 10
        with pytest.raises(Busy, match=r"10 records wait .*127.0.0.1:1"):
            await deliveries.deliver([parcel])
        with pytest.raises(Unreachable, match="send them again"):
            await first
        assert deliveries.waiting == 0
        deliveries.close()

    asyncio.run(asyncio.wait_for(told(), DEADLINE_S))
