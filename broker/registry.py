"""The schema registry: registers what is shipped, and looks up other writers' schemas by id."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Self

import httpx2
from confluent_kafka.schema_registry import Schema as RegisteredSchema
from confluent_kafka.schema_registry import SchemaRegistryClient, SchemaRegistryError
from confluent_kafka.schema_registry.schema_registry_client import (
    ConfigCompatibilityLevel,
    ServerConfig,
)

from schemas.avro import Schema, fingerprint, text_of
from schemas.errors import SchemaError, Unreachable
from schemas.topics import TOPICS, Topic

COMPATIBILITY: Final = ConfigCompatibilityLevel.FULL_TRANSITIVE
_AT_ONCE: Final = 8  # requests; one after the other, they are most of a worker's start
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409


class SchemaRegistry:
    """Confluent's API of a schema registry at `url`. A context manager that closes connections."""

    def __init__(self, url: str, *, timeout_s: float = 30.0) -> None:
        self._url = url
        self._client = SchemaRegistryClient({"url": url, "timeout": timeout_s})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def register(self, generation: str, topics: Sequence[Topic] = TOPICS) -> Mapping[Topic, int]:
        """The id of each topic's schema, registered where it is new.

        A schema that is not compatible with what consumers already read raises SchemaError, and
        so does an id under which the registry holds something else.
        """
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            ids = threads.map(lambda t: self._register(t, t.subject(generation)), topics)
            return dict(zip(topics, ids, strict=True))

    def writer_schema(self, schema_id: int) -> Schema | None:
        """The schema under an id; None when there is none. Ids never change their schema."""
        try:
            text = self._client.get_schema(schema_id).schema_str
        except SchemaRegistryError as error:
            if error.http_status_code == _NOT_FOUND:
                return None
            raise self._unreachable(f"look up schema {schema_id}") from error
        except httpx2.HTTPError as error:
            raise self._unreachable(f"look up schema {schema_id}") from error
        if text is None:
            return None
        loaded: Schema = json.loads(text)
        return loaded

    def _register(self, topic: Topic, subject: str) -> int:
        text = text_of(topic)
        try:
            schema_id = self._client.register_schema(subject, RegisteredSchema(text, "AVRO"))
            self._client.set_config(subject, ServerConfig(compatibility=COMPATIBILITY))
            held = self._client.get_schema(schema_id).schema_str
        except SchemaRegistryError as error:
            if error.http_status_code == _CONFLICT:
                raise SchemaError(
                    f"the registry refuses schemas/avro/{topic.name}.avsc for {subject}:"
                    f" {error.error_message}. Only fields with defaults may be added; anything"
                    " else needs a new generation of topics"
                ) from error
            raise self._unreachable(f"register {subject}") from error
        except httpx2.HTTPError as error:
            raise self._unreachable(f"register {subject}") from error
        if held is None or fingerprint(held) != fingerprint(text):
            raise SchemaError(
                f"the registry holds another schema under id {schema_id} than the one shipped as"
                f" schemas/avro/{topic.name}.avsc: it was emptied or restored from elsewhere;"
                " records on the topics would be misread"
            )
        return schema_id

    def _unreachable(self, attempted: str) -> Unreachable:
        return Unreachable(
            f"the schema registry at {self._url} did not answer (tried to {attempted}): check that"
            " it runs (`leap status`) and that LEAP_REGISTRY names it"
        )
