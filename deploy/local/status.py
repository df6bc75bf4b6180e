"""What each part does now, asked of the part itself."""

from dataclasses import dataclass
from pathlib import Path

from deploy.local import parts, probes, process
from deploy.local.state import State


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part: whether its process runs, and whether it does its work."""

    name: str
    address: str | None  # None when the stack does not run
    running: bool
    answering: bool
    pid: int | None
    version: str | None  # ClickHouse's is known only while it answers


def look(now: State | None, java_parts: Path) -> list[PartStatus]:
    """Return the parts' status, Kafka first; `now` is None when no supervisor runs."""
    addresses: dict[str, str | None] = dict.fromkeys(parts.NAMES)
    versions = {
        parts.KAFKA: _version(java_parts / "kafka", "kafka_2.13-", ".jar"),
        parts.REGISTRY: _version(java_parts / "registry", "apicurio-registry-app-", "-runner.jar"),
        parts.CLICKHOUSE: None,
    }
    answering: set[str] = set()
    if now is not None:
        addresses = {
            parts.KAFKA: now.kafka,
            parts.REGISTRY: now.registry,
            parts.CLICKHOUSE: now.clickhouse,
        }
        if now.kafka is not None and probes.kafka_answers(now.kafka):
            answering.add(parts.KAFKA)
        if now.registry is not None and probes.registry_answers(now.registry):
            answering.add(parts.REGISTRY)
        if now.clickhouse is not None:
            user, password = now.clickhouse_user or "", now.clickhouse_password or ""
            version = probes.clickhouse_version(now.clickhouse, user, password)
            versions[parts.CLICKHOUSE] = version
            if version is not None:
                answering.add(parts.CLICKHOUSE)
    pids = now.pids if now is not None else {}
    return [
        PartStatus(
            name=name,
            address=addresses[name],
            running=name in pids and process.is_alive(pids[name]),
            answering=name in answering,
            pid=pids.get(name),
            version=versions[name],
        )
        for name in parts.NAMES
    ]


def _version(folder: Path, before: str, after: str) -> str | None:
    for jar in folder.glob(f"{before}*{after}"):
        return jar.name.removeprefix(before).removesuffix(after)
    return None
