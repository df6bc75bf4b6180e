"""What a sink has to know."""

from collections.abc import Mapping
from dataclasses import dataclass

from broker.clients import ClientConfig
from broker.writers import WriterSchema
from schemas.topics import Topic
from sinks.clickhouse import ClickHouseAddress


@dataclass(frozen=True, slots=True)
class SinkConfig:
    """Where records come from and where they go.

    `schema_ids` are the registry's ids of the shipped schemas; `writer_schema` looks others up.
    """

    client: ClientConfig
    generation: str
    schema_ids: Mapping[Topic, int]
    writer_schema: WriterSchema
    clickhouse: ClickHouseAddress

    @property
    def group(self) -> str:
        """The consumer group; several sinks of it share the partitions."""
        return f"leap-sink-{self.generation}"
