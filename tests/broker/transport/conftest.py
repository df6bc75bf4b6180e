from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient

from broker.clients import ClientConfig
from tests.broker.transport.topic import Topic

NewTopic = Callable[..., Topic]


@pytest.fixture
def new_topic(client: ClientConfig) -> Iterator[NewTopic]:
    """Makes topics that are gone after the test."""
    made: list[str] = []

    def create(**config: str) -> Topic:
        made.append(f"transport.{uuid4().hex[:8]}")
        return Topic.create(client, made[-1], **config)

    yield create
    if made:
        AdminClient(client.settings()).delete_topics(made)


@pytest.fixture
def topic(new_topic: NewTopic) -> Topic:
    """As the broker makes it by itself."""
    return new_topic()
