"""Runs configured sources against a generation, or against nothing at all for a dry run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from broker.publisher import KafkaPublisher, Publisher
from connectors.account import Account
from connectors.configuration import SourceConfiguration
from connectors.dry import DRY_DESTINATION, Everybody, Nowhere
from connectors.identity import KEY_BYTES_MINIMUM, SiteKey
from connectors.incremental import Block, IncrementalSource
from connectors.options import Setting
from connectors.positions import MemoryPositions, PositionFile, PositionStore
from connectors.records import Destination
from connectors.run import Marking, Surroundings, run
from connectors.zones import MS_PER_DAY, Zone
from ops.clocks import now_ms
from ops.console import ERR
from ops.context import Context
from ops.generation import Generation, marked_days
from ops.reference import read_people
from schemas.types import Clock, Day

Told = Callable[[Block, Account], None]

_MARGIN_DAYS: Final = 7  # what is older than the horizon can close nothing; a week to be safe
_NO_KEY: Final = SiteKey(bytes(KEY_BYTES_MINIMUM))  # of ids that nobody will see


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a source is to be run."""

    is_growing: bool = False
    complete_through: Day | None = None
    is_again: bool = False
    """From the beginning, whatever was read before."""


class Connector(Protocol):
    """Runs one source after another."""

    def run(self, source: SourceConfiguration, wanted: Wanted, told: Told) -> Account:
        """Read what is new in a source, and publish it; the errors of `connectors.run`."""

    @property
    def names(self) -> Mapping[int, str]:
        """Names of students, where they have others than their pseudonyms."""


class LiveConnector:
    """A `Connector` to a generation."""

    def __init__(self, context: Context, generation: Generation) -> None:
        self._context = context
        self._generation = generation
        self.names: Mapping[int, str] = {}

    def run(self, source: SourceConfiguration, wanted: Wanted, told: Told) -> Account:
        """Whoever is known and whatever is marked by now counts: both are read anew."""
        zone = Zone.of(self._generation.zone)
        built = source.build(Setting(source.name, source.name, zone, wanted.is_growing))
        publisher = KafkaPublisher(self._generation.client, say=ERR.print)
        return self.publish(built, publisher, wanted, told)

    def publish(
        self, source: IncrementalSource, publisher: Publisher, wanted: Wanted, told: Told
    ) -> Account:
        """The same with a source that is built, and a publisher to the generation's broker."""
        generation, context = self._generation, self._context
        is_replay = generation.clock is Clock.REPLAY
        now = now_ms()
        horizon = context.settings.horizon_days + _MARGIN_DAYS
        around = Surroundings(
            site_key=context.site_key,
            people=read_people(context, generation),
            zone=Zone.of(generation.zone),
            now_ms=now_ms,
            marking=Marking.AS_READ if is_replay else Marking.AT_THE_END,
            marked=marked_days(generation),
            complete_through=wanted.complete_through,
            first_marked=None if is_replay else Day(now // MS_PER_DAY - horizon),
        )
        return run(
            source,
            publisher,
            Destination(generation.name, generation.partitions, generation.schema_ids),
            self._positions(source.name, is_again=wanted.is_again),
            around,
            told,
        )

    def _positions(self, name: str, *, is_again: bool) -> PositionStore:
        folder = self._context.settings.folder / "positions" / self._generation.name
        path = position_path(folder, name)
        if is_again:
            path.unlink(missing_ok=True)
        return PositionFile(path)


class DryConnector:
    """A `Connector` that reads everything and publishes nothing; it contacts no broker."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._people = Everybody()

    @property
    def names(self) -> Mapping[int, str]:
        """`scheme:identifier` of everybody who turned up."""
        return self._people.names

    def run(self, source: SourceConfiguration, wanted: Wanted, told: Told) -> Account:
        """Read all of a source, whatever was read before."""
        zone = Zone(self._context.settings.zone)
        built = source.build(Setting(source.name, source.name, zone, wanted.is_growing))
        around = Surroundings(site_key=_NO_KEY, people=self._people, zone=zone, now_ms=now_ms)
        account = run(built, Nowhere(), DRY_DESTINATION, MemoryPositions(), around, told)
        account.days_marked = 0
        return account


def position_path(folder: Path, name: str) -> Path:
    """The file of a source's positions; other characters than those of names are escaped."""
    plain = "".join(c if c.isalnum() or c in "._-" else f"%{ord(c):02x}" for c in name)
    return folder / f"{plain}.json"
