"""What the supervisor is to run, said in full: it reads no environment and no settings."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from deploy.local.ports import Ports


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the machine the parts may use; 1 MiB is 1,048,576 bytes."""

    kafka_heap_mib: int = 1024
    registry_heap_mib: int = 512
    clickhouse_mib: int = 2048  # the whole process
    clickhouse_query_mib: int = 1024
    clickhouse_query_seconds: int = 120


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of the stack. `timeout_s` is how long all parts together may take to answer."""

    folder: Path
    java: Path
    java_parts: Path
    ports: Ports = field(default_factory=Ports)
    limits: Limits = field(default_factory=Limits)
    timeout_s: float = 120.0

    def to_json(self) -> str:
        """Return the plan as the argument of the supervisor's command line."""
        return _ADAPTER.dump_json(self).decode()

    @staticmethod
    def from_json(text: str) -> "Plan":
        """Return the plan that `to_json` wrote; raises pydantic's ValidationError."""
        return _ADAPTER.validate_json(text)


_ADAPTER: Final = TypeAdapter(Plan)
