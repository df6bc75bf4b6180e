"""Room for a new demonstration: what the last one left is removed."""

import json
from collections.abc import Mapping
from typing import Final

from ops.clocks import now_ms
from ops.context import Context
from ops.short_lived import new_name, remove
from schemas.topics import TOPICS
from sinks.clickhouse import connect, quoted

_FILE: Final = "demo.json"


def last_demo(context: Context) -> str | None:
    """The generation of the last demonstration of this folder."""
    found = _remembered(context)
    return found.get("generation")


def make_way(context: Context) -> str:
    """Remove the last demonstration's topics and database; the name for a new one."""
    former = _remembered(context)
    if former.get("kafka") == context.client.bootstrap:
        _remove(context, former["generation"])
    name = new_name("demo", now_ms() // 1000)
    file = context.settings.folder / _FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"generation": name, "kafka": context.client.bootstrap}) + "\n")
    context.remember_generation(name)
    return name


def _remembered(context: Context) -> Mapping[str, str]:
    try:
        found: Mapping[str, str] = json.loads((context.settings.folder / _FILE).read_text())
        return found
    except (FileNotFoundError, ValueError):
        return {}


def _remove(context: Context, generation: str) -> None:
    remove(
        context.client,
        topics=[topic.full_name(generation) for topic in TOPICS],
        groups=[f"leap-worker-{generation}", f"leap-sink-{generation}"],
    )
    address = context.with_generation(generation).clickhouse
    client = connect(address)
    client.command(f"DROP DATABASE IF EXISTS {quoted(address.database)}")
    client.close()
