"""What has to be in place before the parts start; each step may find it there already."""

import asyncio
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from deploy.local import parts, process
from deploy.local.layout import Layout
from deploy.local.plan import Plan
from deploy.local.ports import ChosenPorts

_FORMER_RUN_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.05


async def clean(layout: Layout, former_pids: Iterable[int]) -> None:
    """Wait for what a killed supervisor left, and empty the folder of temporary files.

    A part ends with its supervisor, but not before it: for a moment it still holds its data.
    """
    former = tuple(former_pids)
    # Past this time a number belongs to a stranger by now.
    with suppress(TimeoutError):
        async with asyncio.timeout(_FORMER_RUN_SECONDS):
            while any(process.is_alive(pid) for pid in former):
                await asyncio.sleep(_PAUSE_SECONDS)
    shutil.rmtree(layout.temporary, ignore_errors=True)
    layout.temporary.mkdir()
    layout.clickhouse.mkdir(exist_ok=True)


def password(layout: Layout) -> str:
    """Return ClickHouse's password, made at the first start of a folder."""
    path = layout.password
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(24) + "\n")
        partial.replace(path)
    return path.read_text().strip()


async def kafka(plan: Plan, ports: ChosenPorts) -> None:
    """Write Kafka's settings, and format its data folder if it is new.

    Raises StackError if Kafka cannot format it.
    """
    layout = Layout(plan.folder)
    if not (layout.kafka / "meta.properties").exists():
        # Formatted aside and moved: a folder that was half formatted would never start.
        aside = layout.root / "kafka.new"
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(layout.kafka, ignore_errors=True)
        layout.kafka_properties.write_text(parts.kafka_properties(ports, aside.name))
        formatting = await process.start(parts.format_kafka(plan))
        try:
            if await formatting.process.wait() != 0:
                raise formatting.ended()
        finally:
            await formatting.stop()
        aside.rename(layout.kafka)
    layout.kafka_properties.write_text(parts.kafka_properties(ports, layout.kafka.name))
