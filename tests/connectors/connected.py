"""Runs an incremental source against a broker in memory."""

from collections.abc import Collection, Sequence
from typing import Final

from connectors.account import Account
from connectors.identity import identity_hashes
from connectors.incremental import IncrementalSource
from connectors.people import KnownPeople
from connectors.positions import MemoryPositions, PositionStore
from connectors.run import Marking, Surroundings, run
from connectors.schemes import Scheme, normalised
from connectors.zones import Zone
from schemas.topics import QUARANTINE
from schemas.types import Day
from schemas.wire import Record
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.world import DESTINATION, NOW_MS, SITE_KEY, ZONE, values

Person = tuple[Scheme, str]

CAMPUS: Final = Zone.of(ZONE)


def hash_of(person: Person) -> bytes:
    scheme, identifier = person
    return identity_hashes(SITE_KEY, scheme, [normalised(scheme, identifier)])[0]


def people(known: Sequence[Person], erased: Collection[Person] = ()) -> KnownPeople:
    """These are students 1, 2, 3 ..."""
    numbers = {hash_of(person): number for number, person in enumerate(known, 1)}
    return KnownPeople(SITE_KEY, numbers, [hash_of(person) for person in erased])


def connected(
    source: IncrementalSource,
    publisher: MemoryPublisher,
    who: KnownPeople,
    positions: PositionStore | None = None,
    *,
    marking: Marking = Marking.AT_THE_END,
    marked: Collection[tuple[str, Day]] = (),
    complete_through: Day | None = None,
    save_every_rows: int = 1,
    now_ms: int = NOW_MS,
) -> Account:
    around = Surroundings(
        site_key=SITE_KEY,
        people=who,
        zone=CAMPUS,
        now_ms=lambda: now_ms,
        marking=marking,
        marked=marked,
        complete_through=complete_through,
        save_every_rows=save_every_rows,
    )
    kept = MemoryPositions() if positions is None else positions
    return run(source, publisher, DESTINATION, kept, around)


def quarantined(publisher: MemoryPublisher) -> list[Record]:
    return values(publisher, QUARANTINE)
