"""What is asked of the engine, within which limits, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.local.clickhouse.statement import Statement


@dataclass(frozen=True, slots=True)
class Limits:
    """What the engine may use. A statement may ask for less than its share, never for more."""

    memory_bytes: int = 2 << 30  # the whole process
    query_memory_bytes: int = 1 << 30
    query_seconds: int = 120
    query_threads: int = 2
    result_bytes: int = 256 << 20  # an answer is held in memory twice while it is sent

    def settings(self) -> dict[str, int]:
        """Return the limits of one statement as the engine's settings."""
        return {
            "max_memory_usage": self.query_memory_bytes,
            "max_execution_time": self.query_seconds,
            "max_threads": self.query_threads,
            "max_result_bytes": self.result_bytes,
        }


@dataclass(frozen=True, slots=True)
class Query:
    """One statement with all that was said about it. `tag` names it for `Engine.cancel`."""

    statement: Statement
    tag: str
    database: str | None = None
    default_format: str | None = None
    read_only: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)  # as ClickHouse escapes them


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave. `format` is None when it gives no result set at all."""

    body: bytes
    format: str | None
    summary: Mapping[str, str]
