import json
from importlib.resources import files
from pathlib import Path

import pytest

from schemas.avro import Json, Schema, fields_of, schema_of, text_of
from schemas.physical import physical
from schemas.topics import ACTIVITY, OUTPUTS, TOPICS, RetentionDays, Topic
from schemas.types import KINDS, AlertState, Band, Cause, GapOrigin, Status

NAMES = {topic.name for topic in TOPICS}


def test_every_topic_has_a_schema_and_every_schema_a_topic() -> None:
    shipped = {file.name.removesuffix(".avsc") for file in (files("schemas") / "avro").iterdir()}
    assert shipped == NAMES


def test_the_ten_activities_begin_with_the_same_fields() -> None:
    heads = [json.dumps(fields_of(schema_of(topic))[:7]) for topic in ACTIVITY.values()]
    assert len(ACTIVITY) == 10
    assert len(set(heads)) == 1


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_schema_stays_within_what_the_fast_path_decodes(topic: Topic) -> None:
    physical(schema_of(topic))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_says_how_it_is_cleaned_up_and_how_long_it_is_kept(topic: Topic) -> None:
    config = topic.config(RetentionDays(horizon=120, short=14))
    assert set(config["cleanup.policy"].split(",")) <= {"compact", "delete"}
    assert int(config["retention.ms"]) == -1 or int(config["retention.ms"]) >= 14 * 86_400_000
    assert ("delete" in config["cleanup.policy"]) == (config["retention.ms"] != "-1")


def test_what_a_worker_writes_is_partitioned_by_student() -> None:
    assert all(topic.per_student for topic in OUTPUTS)


def test_enums_on_the_wire_are_those_of_the_types() -> None:
    by_name: dict[str, list[str]] = {}
    for topic in TOPICS:
        for field in json.loads(text_of(topic))["fields"]:
            if isinstance(field["type"], dict) and field["type"].get("type") == "enum":
                by_name[field["type"]["name"]] = field["type"]["symbols"]
    assert by_name["Band"] == by_name["PreviousBand"] == [band.value for band in Band]
    assert by_name["PreviousStatus"] == [status.value for status in Status]
    assert by_name["Status"] == [status.value for status in Status][1:]
    assert by_name["Cause"] == [cause.value for cause in Cause]
    assert by_name["AlertState"] == [state.value for state in AlertState]
    assert by_name["GapOrigin"] == [origin.value for origin in GapOrigin]


def test_daily_has_a_column_for_each_kind() -> None:
    names = [
        field["name"]
        for field in json.loads((files("schemas") / "avro" / "daily.avsc").read_text())["fields"]
    ]
    assert [name for name in names if name in set(KINDS)] == list(KINDS)


def test_released_schemas_are_kept_and_only_grow() -> None:
    """Against what was released before: every field is still there, added ones have defaults."""
    released = Path(__file__).parent / "released"
    for topic in TOPICS:
        before = json.loads((released / f"{topic.name}.avsc").read_text())
        now = json.loads(text_of(topic))
        assert _without_added(now, before) == before["fields"], topic.name


def _without_added(now: Schema, before: Schema) -> list[Json]:
    """The fields of before as they are now; what was added, also within arrays, has a default."""
    kept: list[Json] = []
    was = {field["name"]: field for field in fields_of(before)}
    for field in fields_of(now):
        former = was.get(field["name"])
        if former is None:
            assert "default" in field, field["name"]
            continue
        kind = field["type"]
        match kind, former["type"]:
            case {"type": "array", "items": dict(one)}, {"type": "array", "items": dict(other)}:
                items: Json = {**one, "fields": _without_added(one, other)}
                kind = {"type": "array", "items": items}
        kept.append({**former, "type": kind})
    return kept
