"""What a worker has to know."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from broker.clients import ClientConfig
from broker.writers import WriterSchema
from schemas.topics import Topic
from schemas.types import Clock
from streams.watchdog import PATIENCE_S


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """From the settings and the generation."""

    client: ClientConfig
    generation: str
    partitions: int
    clock: Clock
    zone: ZoneInfo
    schema_ids: Mapping[Topic, int]
    writer_schema: WriterSchema
    instance_id: str | None  # static membership
    refresh_s: float
    look_back_days: int
    amendment_days: int
    patience_s: float = PATIENCE_S  # of the watchdog

    @property
    def group(self) -> str:
        """The consumer group, and the beginning of the transactional ids."""
        return f"leap-worker-{self.generation}"
