"""Where a running stack answers."""

from dataclasses import dataclass, field

from deploy.local.state import State


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the running parts answer. All of them listen on the loopback address only."""

    kafka: str  # host:port
    registry: str  # base URL, /apis/ccompat/v7 included
    clickhouse_host: str
    clickhouse_port: int
    clickhouse_user: str
    clickhouse_password: str = field(repr=False)

    @classmethod
    def of(cls, state: State) -> "Addresses":
        """Return the addresses in the state of a run that is ready."""
        host, _, port = (state.clickhouse or "").partition(":")
        return cls(
            kafka=state.kafka or "",
            registry=state.registry or "",
            clickhouse_host=host,
            clickhouse_port=int(port),
            clickhouse_user=state.clickhouse_user or "",
            clickhouse_password=state.clickhouse_password or "",
        )
