"""The Avro schemas that are shipped, one a topic: `schemas/avro/<topic>.avsc`."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias

import fastavro.schema
from fastavro.types import Schema as ParsedSchema

from schemas.topics import Topic

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None
Schema: TypeAlias = Mapping[str, Json]

FINGERPRINT_ALGORITHM: Final = "SHA-256"


@cache
def text_of(topic: Topic) -> str:
    """The schema of a topic's values, as it stands in the file."""
    return (files("schemas") / "avro" / f"{topic.name}.avsc").read_text()


@cache
def schema_of(topic: Topic) -> Schema:
    """The schema of a topic's values, as JSON."""
    loaded: dict[str, Json] = json.loads(text_of(topic))
    return loaded


@cache
def parsed(topic: Topic) -> ParsedSchema:
    """The schema of a topic's values, as fastavro wants it."""
    return fastavro.parse_schema(json.loads(text_of(topic)))


def fingerprint(text: str) -> str:
    """SHA-256 of a schema's parsing canonical form: equal for schemas that decode alike."""
    canonical = fastavro.schema.to_parsing_canonical_form(json.loads(text))
    return fastavro.schema.fingerprint(canonical, FINGERPRINT_ALGORITHM)


def fields_of(schema: Schema) -> list[dict[str, Json]]:
    """The fields of a record schema, in order."""
    fields = schema["fields"]
    if not isinstance(fields, list):
        raise TypeError(f"not a record schema: {schema}")
    return [field for field in fields if isinstance(field, dict)]
