"""Which ports the parts listen on."""

import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.errors import StackError

# Below the range from which systems take ports for outgoing connections: a port that is free
# while it is chosen is not taken by a passing client before its part listens on it.
_FROM: Final = 20_000
_BELOW: Final = 32_000


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports asked for; None: the one this folder had before if it is free, else any."""

    kafka: int | None = None
    registry: int | None = None
    clickhouse: int | None = None


@dataclass(frozen=True, slots=True)
class ChosenPorts:
    """The ports of one run. The controller's is Kafka's own affair."""

    kafka: int
    kafka_controller: int
    registry: int
    clickhouse: int


def choose(asked: Ports, before: ChosenPorts | None) -> ChosenPorts:
    """Return free ports, four different ones.

    Raises StackError if a port that was asked for is taken. Nothing holds the ports until the
    parts listen on them.
    """
    taken = {port for port in (asked.kafka, asked.registry, asked.clickhouse) if port is not None}

    def one(part: str, wanted: int | None, former: int | None) -> int:
        if wanted is not None:
            if not is_free(wanted):
                raise StackError(
                    f"Port {wanted} of 127.0.0.1, asked for {part}, is taken by another process: "
                    "end that process or choose another port."
                )
            return wanted
        for port in _candidates(former):
            if port not in taken and is_free(port):
                taken.add(port)
                return port
        raise StackError(f"No port of 127.0.0.1 from {_FROM} to {_BELOW - 1} is free for {part}.")

    return ChosenPorts(
        kafka=one("Kafka", asked.kafka, before.kafka if before else None),
        kafka_controller=one(
            "Kafka's controller", None, before.kafka_controller if before else None
        ),
        registry=one("the registry", asked.registry, before.registry if before else None),
        clickhouse=one("ClickHouse", asked.clickhouse, before.clickhouse if before else None),
    )


def is_free(port: int) -> bool:
    """Whether a part could listen on `port` of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do it: connections of a former run that still fade out are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _candidates(former: int | None) -> Iterator[int]:
    if former is not None:
        yield former
    start = secrets.randbelow(_BELOW - _FROM)
    for step in range(_BELOW - _FROM):
        yield _FROM + (start + step) % (_BELOW - _FROM)
