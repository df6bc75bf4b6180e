"""What every Kafka client of ours begins with: the address, and one sentence when it is silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from schemas.errors import Unreachable

Setting: TypeAlias = str | int | float | bool

SOCKET_TIMEOUT_MS: Final = 10_000
RECONNECT_BACKOFF_MAX_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """Where Kafka is. `extra` holds librdkafka settings, for security for example."""

    bootstrap: str
    extra: Mapping[str, str] = field(default_factory=dict)

    def settings(self, **more: Setting) -> dict[str, Setting]:
        """The settings of a librdkafka client; keyword arguments take dots as underscores."""
        return {
            "bootstrap.servers": self.bootstrap,
            "socket.timeout.ms": SOCKET_TIMEOUT_MS,
            "reconnect.backoff.max.ms": RECONNECT_BACKOFF_MAX_MS,
            "log_level": 0,  # what there is to say is said by us, once
            **self.extra,
            **{key.replace("_", "."): value for key, value in more.items()},
        }


def unreachable(client: ClientConfig, attempted: str) -> Unreachable:
    """The error for a broker that does not answer."""
    return Unreachable(
        f"Kafka at {client.bootstrap} did not answer (tried to {attempted}): check that it runs"
        " (`leap status`) and that LEAP_KAFKA names it"
    )
