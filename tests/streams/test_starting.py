"""Activity is read again from where the window starts in the log, on a real broker."""

import uuid
from zoneinfo import ZoneInfo

import pytest
from confluent_kafka import Producer

from broker.clients import ClientConfig
from broker.offsets import Offsets
from schemas.types import Clock, Day, Kind
from streams.campus import DAY_MS, CampusDays
from streams.horizon import Horizon
from streams.starting import starts
from tests.broker.transport.topic import PATIENCE_S, Topic

pytestmark = pytest.mark.stack

HORIZON = Horizon(look_back=10, amendment=4, ahead=3, margin=2, early=9, extension=8)
FIRST, CURRENT = 16_000, 16_050
KINDS = (Kind.MOODLE_COURSE, Kind.TAP_IN, Kind.FASER_UPLOAD)


@pytest.fixture(scope="module")
def topics(client: ClientConfig) -> dict[Kind, Topic]:
    """One a kind, with a record appended at noon of each day from `FIRST` on: a day an offset."""
    made: dict[Kind, Topic] = {}
    producer = Producer(client.settings())
    for kind in KINDS:
        name = f"starting.{uuid.uuid4().hex[:8]}"
        made[kind] = Topic.create(
            client, name, message_timestamp_type="CreateTime", retention_ms="-1"
        )
        for day in range(FIRST, CURRENT + 1):
            noon = day * DAY_MS + DAY_MS // 2
            producer.produce(name, b"v", b"k", 0, timestamp=noon)
    assert producer.flush(PATIENCE_S) == 0
    return made


def first_days(
    client: ClientConfig, topics: dict[Kind, Topic], clock: Clock, current: int = CURRENT
) -> dict[Kind, int]:
    """The day of the first record that is read of each kind."""
    found = starts(
        Offsets(client),
        {(topic.name, 0): kind for kind, topic in topics.items()},
        Day(current),
        clock=clock,
        campus=CampusDays(ZoneInfo("UTC")),
        horizon=HORIZON,
    )
    return {kind: FIRST + found[topic.name, 0] for kind, topic in topics.items()}


def test_live_the_log_is_read_from_the_window_on_and_further_back_for_what_names_items(
    client: ClientConfig, topics: dict[Kind, Topic]
) -> None:
    window = CURRENT - HORIZON.behind
    assert first_days(client, topics, Clock.WALL) == {
        Kind.MOODLE_COURSE: window - HORIZON.ahead,
        Kind.TAP_IN: window - HORIZON.early,
        Kind.FASER_UPLOAD: window - HORIZON.early - HORIZON.extension,
    }


def test_a_replay_is_read_from_its_beginning(
    client: ClientConfig, topics: dict[Kind, Topic]
) -> None:
    assert first_days(client, topics, Clock.REPLAY) == dict.fromkeys(KINDS, FIRST)


def test_where_all_was_appended_before_the_window_nothing_is_read(
    client: ClientConfig, topics: dict[Kind, Topic]
) -> None:
    behind = dict.fromkeys(KINDS, CURRENT + 1)
    assert first_days(client, topics, Clock.WALL, CURRENT + 99) == behind


def test_what_retention_has_deleted_is_passed_over(
    client: ClientConfig, topics: dict[Kind, Topic]
) -> None:
    topics[Kind.TAP_IN].delete_before(45)
    assert first_days(client, topics, Clock.WALL)[Kind.TAP_IN] == FIRST + 45
