"""How fast connectors read, map, encode and publish CSV logs, and in how much memory."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.figures import MILLION
from bench.logs import LOGS, STUDENTS, Log
from bench.watching import peak_rss_mb
from broker.publisher import KafkaPublisher, Publisher
from connectors.configuration import SourceConfiguration
from connectors.dry import Nowhere
from connectors.identity import SiteKey, identity_hashes
from connectors.options import Setting
from connectors.people import KnownPeople
from connectors.positions import MemoryPositions
from connectors.records import Destination
from connectors.run import Surroundings, run
from connectors.schemes import normalised
from connectors.zones import Zone
from ops.clocks import now_ms
from ops.context import Context
from ops.generation import Generation
from schemas.errors import LeapError

_GENERATION_FORM: Final = "bench-connect-{}"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read from its beginning to its end."""

    source: str
    into: str
    """"nowhere", "kafka", or "kafka, alone": by a process that does nothing else."""
    rows: int
    published: int
    seconds: float
    cpu_seconds: float
    peak_rss_mb: int
    """Of the process so far."""

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return {
            "source": self.source,
            "into": self.into,
            "rows": self.rows,
            "published": self.published,
            "rows_per_second": round(self.rows / self.seconds),
            "cpu_seconds_per_million": round(self.cpu_seconds * MILLION / self.rows, 2),
            "peak_rss_mb": self.peak_rss_mb,
        }


def measure_connectors(
    context: Context, generation: Generation, rows: int, say: Say
) -> list[Reading]:
    """Each log, read into nothing and then into Kafka; everybody in it is known."""
    to = Destination(generation.name, generation.partitions, generation.schema_ids)
    found: list[Reading] = []
    with TemporaryDirectory() as name:
        for log in LOGS:
            path = Path(name) / f"{log.type}.csv"
            say(f"{log.type}: writing {rows:,} rows")
            log.write(path, rows)
            people = people_of(context.site_key, log)
            publishers: Mapping[str, Publisher] = {
                "nowhere": Nowhere(),
                "kafka": KafkaPublisher(generation.client, say=say),
            }
            for into, publisher in publishers.items():
                say(f"{log.type}: reading into {into}")
                around = Surroundings(context.site_key, people, Zone.of(generation.zone), now_ms)
                found.append(measured(log, path, into, publisher, to, around))
            path.unlink()
    return found


def measured(
    log: Log,
    path: Path,
    into: str,
    publisher: Publisher,
    to: Destination,
    around: Surroundings,
) -> Reading:
    """Read the file of a log with everything anew; LeapError when a row of it is refused."""
    configured = SourceConfiguration(log.type, log.type, {**log.options, "files": [str(path)]})
    source = configured.build(Setting(log.type, f"bench.{log.type}", around.zone))
    began, cpu_before = time.perf_counter(), time.process_time()
    account = run(source, publisher, to, MemoryPositions(), around)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_before
    if not account.is_reconciled or account.quarantined:
        raise LeapError(f"{log.type}: the account is {account.as_record()}: nothing was measured")
    peak = peak_rss_mb(Path("/proc/self"))
    published = account.published.total()
    return Reading(log.type, into, account.read, published, seconds, cpu, peak)


def people_of(site_key: SiteKey, log: Log) -> KnownPeople:
    """Everybody in a log: the students 1 to `STUDENTS`."""
    names = [normalised(log.scheme, log.person(number)) for number in range(STUDENTS)]
    hashes = identity_hashes(site_key, log.scheme, names)
    return KnownPeople(site_key, dict(zip(hashes, range(1, STUDENTS + 1), strict=True)))


def generation_name() -> str:
    """A generation of its own for each run."""
    return _GENERATION_FORM.format(os.getpid())
