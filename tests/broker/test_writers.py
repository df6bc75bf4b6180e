"""Which schemas a topic's values may have been written under."""

import pytest

from broker.writers import Writers, fits
from schemas.avro import Json, Schema, fields_of, schema_of
from schemas.topics import ACTIVITY, STUDENT, TOPICS, Topic
from schemas.types import Kind

EVENT = schema_of(ACTIVITY[Kind.MOODLE_COURSE])
OWN = 7


class Registry:
    """Holds what it is given, and counts how often it is asked."""

    def __init__(self) -> None:
        self.held: dict[int, Schema] = {}
        self.asked: list[int] = []

    def look_up(self, schema_id: int) -> Schema | None:
        self.asked.append(schema_id)
        return self.held.get(schema_id)


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def seconds(self) -> float:
        return self.now


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def writers(registry: Registry, clock: Clock) -> Writers:
    return Writers(EVENT, OWN, registry.look_up, seconds=clock.seconds)


def changed(name: str, kind: Json) -> Schema:
    fields = [{**f, "type": kind} if f["name"] == name else f for f in fields_of(EVENT)]
    return {**EVENT, "fields": [*fields]}


def without(name: str) -> Schema:
    return {**EVENT, "fields": [f for f in fields_of(EVENT) if f["name"] != name]}


def test_the_shipped_schema_and_what_is_known_is_not_asked_for_again(
    writers: Writers, registry: Registry
) -> None:
    registry.held[8] = without("object")
    assert writers.find(OWN) is EVENT
    assert [writers.find(8) for _ in range(3)] == [without("object")] * 3
    assert registry.asked == [8]


def test_an_id_that_is_registered_later_is_found_after_a_while(
    writers: Writers, registry: Registry, clock: Clock
) -> None:
    assert writers.find(8) is None
    registry.held[8] = without("object")
    assert writers.find(8) is None
    clock.now += 60
    assert writers.find(8) == without("object")


def test_garbage_that_names_any_number_of_ids_does_not_flood_the_registry(
    writers: Writers, registry: Registry, clock: Clock
) -> None:
    for _ in range(3):
        assert {writers.find(schema_id) for schema_id in range(100, 10_000)} == {None}
        clock.now += 60
    assert len(registry.asked) < 100
    registry.held[8] = without("object")
    assert writers.find(8) is not None


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_schema_fits_its_own_topic_and_no_other(topic: Topic) -> None:
    assert [other for other in TOPICS if fits(schema_of(other), schema_of(topic))] == [topic]


FITTING: dict[str, Schema] = {
    "a field less, that has a default": without("object"),
    "a field more": {
        **EVENT,
        "fields": [*fields_of(EVENT), {"name": "extra", "type": ["null", "string"]}],
    },
    "other names of types and other docs": {
        **changed("event_id", {"type": "fixed", "name": "Id", "size": 16}),
        "doc": "another",
    },
    "another order": {**EVENT, "fields": [*fields_of(EVENT)[::-1]]},
}
MISREAD: dict[str, Schema] = {
    "a field less, that has no default": without("student"),
    "a string for a number": changed("student", "string"),
    "an int for a long": changed("student", "int"),
    "microseconds": changed("occurred_at", {"type": "long", "logicalType": "timestamp-micros"}),
    "symbols in another order": changed(
        "action", {"type": "enum", "name": "Action", "symbols": ["retract", "assert"]}
    ),
    "a symbol more": changed(
        "action", {"type": "enum", "name": "Action", "symbols": ["assert", "retract", "doubt"]}
    ),
    "a longer id": changed("event_id", {"type": "fixed", "name": "EventId", "size": 20}),
    "no longer optional": changed("module", "string"),
    "no record": {"type": "string"},
    "the same fields under another name": {**EVENT, "name": "TapIn"},
    "another topic's": schema_of(STUDENT),
}


@pytest.mark.parametrize("name", FITTING)
def test_a_writer_whose_columns_are_all_there_is_read(name: str) -> None:
    assert fits(FITTING[name], EVENT)


@pytest.mark.parametrize("name", MISREAD)
def test_a_writer_whose_columns_would_be_misread_is_unknown(
    name: str, writers: Writers, registry: Registry
) -> None:
    registry.held[8] = MISREAD[name]
    assert writers.find(8) is None
