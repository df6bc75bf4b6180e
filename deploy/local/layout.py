"""Where things lie in the folder of a stack."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths below one stack's folder. Remove the folder, and all of the stack is gone."""

    root: Path

    @property
    def lock(self) -> Path:
        """Locked by the supervisor for as long as it lives."""
        return self.root / "lock"

    @property
    def state(self) -> Path:
        """What the supervisor says about this run, or about the last one."""
        return self.root / "stack.json"

    @property
    def password(self) -> Path:
        """ClickHouse's password: made once, kept for later runs, readable by the owner only."""
        return self.root / "clickhouse.password"

    @property
    def kafka(self) -> Path:
        """Kafka's data."""
        return self.root / "kafka"

    @property
    def kafka_properties(self) -> Path:
        """Kafka's settings of this run."""
        return self.root / "kafka.properties"

    @property
    def clickhouse(self) -> Path:
        """ClickHouse's data."""
        return self.root / "clickhouse"

    @property
    def temporary(self) -> Path:
        """Emptied at every start."""
        return self.root / "tmp"

    @property
    def logs(self) -> Path:
        """One log a part and one of the supervisor."""
        return self.root / "logs"

    def log(self, part: str) -> Path:
        """Return the log of the part called `part`."""
        return self.logs / f"{part.lower()}.log"
