"""What the tests of sources share: a destination, and a look at what arrived there."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from connectors.campus_day import campus_day
from connectors.identity import SiteKey
from connectors.publish import Progress, publish
from connectors.records import Destination
from connectors.report import Report
from connectors.source import Source
from schemas.avro import parsed
from schemas.topics import ACTIVITY, TOPICS, Topic
from schemas.types import Day
from schemas.wire import Record, decode
from tests.connectors.memory_publisher import Kept, MemoryPublisher

SITE_KEY: Final = SiteKey(bytes(range(32)))
ZONE: Final = ZoneInfo("Europe/London")
PARTITIONS: Final = 5
DESTINATION: Final = Destination("test", PARTITIONS, {topic: i for i, topic in enumerate(TOPICS)})
NOW_MS: Final = 1_700_000_000_000

_T = TypeVar("_T")


def day(text: str) -> Day:
    return campus_day(date.fromisoformat(text))


def run(
    source: Source,
    publisher: MemoryPublisher,
    *,
    marked: Collection[tuple[str, Day]] = (),
    progress: Progress = lambda days, events: None,
) -> Report:
    return publish(
        source,
        publisher,
        DESTINATION,
        site_key=SITE_KEY,
        marked=marked,
        now_ms=lambda: NOW_MS,
        progress=progress,
    )


def published(source: Source) -> MemoryPublisher:
    publisher = MemoryPublisher(PARTITIONS)
    run(source, publisher)
    return publisher


def kept(publisher: MemoryPublisher, topic: Topic) -> list[tuple[Kept, Record]]:
    """Records of a topic with their decoded values, in order of arrival."""
    return [
        (one, {name: plain(value) for name, value in decode(one.value, parsed(topic)).items()})
        for one in publisher.records(topic.full_name(DESTINATION.generation))
    ]


def values(publisher: MemoryPublisher, topic: Topic) -> list[Record]:
    return [value for _, value in kept(publisher, topic)]


def events(publisher: MemoryPublisher) -> list[Record]:
    """All events, each with its kind."""
    return [
        {"kind": kind, **value}
        for kind, topic in ACTIVITY.items()
        for value in values(publisher, topic)
    ]


def by_id(publisher: MemoryPublisher) -> dict[bytes, Record]:
    """What remains when each event is counted once."""
    return {typed(event["event_id"], bytes): event for event in events(publisher)}


def plain(value: object) -> object:
    """Campus days and moments as the numbers they were, also within lists of records."""
    match value:
        case datetime():
            return round(value.timestamp() * 1000)
        case date():
            return campus_day(value)
        case list():
            return [{name: plain(inner) for name, inner in item.items()} for item in value]
    return value


def typed(value: object, kind: type[_T]) -> _T:
    """A field of a record, which is of a type that the schema gives."""
    assert isinstance(value, kind)
    return value
