"""In how much memory connectors read a log and one that is ten times as long.

Each file is read by a process of its own: what a process once took, it keeps.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

from bench.connecting import Reading, Say, measured, people_of
from bench.logs import LOGS
from broker.clients import ClientConfig
from broker.publisher import KafkaPublisher
from connectors.identity import SiteKey
from connectors.records import Destination
from connectors.run import Surroundings
from connectors.zones import Zone
from ops.clocks import now_ms
from ops.context import Context
from ops.generation import Generation

LOG: Final = LOGS[0]
TIMES: Final = 10
_INTO: Final = "kafka, alone"


def measure_memory(context: Context, generation: Generation, rows: int, say: Say) -> list[Reading]:
    """Moodle's log, the widest, of these rows and of `TIMES` as many, read into Kafka."""
    to = Destination(generation.name, generation.partitions, generation.schema_ids)
    client, secret, zone = generation.client, context.site_key.secret, generation.zone
    found: list[Reading] = []
    with TemporaryDirectory() as name:
        path = Path(name) / "log.csv"
        for count in (rows, TIMES * rows):
            say(f"{LOG.type}: writing {count:,} rows")
            LOG.write(path, count)
            say(f"{LOG.type}: reading into {_INTO}")
            with ProcessPoolExecutor(1, get_context("spawn")) as alone:
                found.append(alone.submit(_read, path, client, to, secret, zone).result())
    return found


def _read(
    path: Path, client: ClientConfig, to: Destination, secret: bytes, zone: ZoneInfo
) -> Reading:
    site_key = SiteKey(secret)
    around = Surroundings(site_key, people_of(site_key, LOG), Zone.of(zone), now_ms)
    return measured(LOG, path, _INTO, KafkaPublisher(client, say=print), to, around)
