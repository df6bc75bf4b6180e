"""Accepts what senders send.

What becomes of a request, once it is parsed and valid as a whole:

1. An id that was accepted before, or is on its way now, with other content: the request is refused.
   What was accepted before as it is now is passed over (`repeated`).
2. What is voided is taken back (`connectors.collector.voiding`). The rest becomes records:
   activities, or entries of the quarantine.
3. They are delivered. Only when Kafka has acknowledged all of them is the request acknowledged.
4. Its ids are remembered.

When step 3 fails the sender is told to come again, and nothing is remembered: some of it may have
been stored, and is recognised when it comes again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from broker.deliveries import Busy, Deliveries
from connectors.account import Account
from connectors.collector.documents import digest
from connectors.collector.heard import Heard, Passed
from connectors.collector.intake import Request, take
from connectors.collector.memory import Memory, Name
from connectors.collector.refusal import Conflict, Invalid, Overloaded
from connectors.collector.senders import Sender
from connectors.collector.voiding import Voids
from connectors.identity import SiteKey
from connectors.people import KnownPeople
from connectors.records import Destination, Encoder
from connectors.run import Surroundings
from connectors.zones import Zone
from schemas.errors import Unreachable

RETRY_AFTER_S: Final = 2.0
"""A broker that restarts is back after a few seconds."""
_REPEATED: Final = Passed("repeated")


@dataclass(frozen=True, slots=True)
class Place:
    """Where what is accepted goes, and what has to be known for it."""

    destination: Destination
    deliveries: Deliveries
    site_key: SiteKey
    zone: Zone
    now_ms: Callable[[], int]


class Collector:
    """One for all senders; for one event loop. `people` may be replaced at any time."""

    def __init__(self, place: Place, memory: Memory, people: KnownPeople) -> None:
        self._place = place
        self._memory = memory
        self._voids = Voids(Encoder(place.destination, place.site_key), memory)
        self.people = people
        self._on_its_way: dict[Name, bytes] = {}
        self.reached: dict[str, int] = {}
        """By feed: the latest moment that anything accepted is of, UTC milliseconds."""

    @property
    def deliveries(self) -> Deliveries:
        """Where it delivers to."""
        return self._place.deliveries

    async def accept(self, sender: Sender, heard: Sequence[Heard]) -> Account:
        """Returns what became of it once it is stored; else a Refusal."""
        names = self._names(heard)
        wanted = self._dated(self._without_repeats(heard, names))
        now = self._place.now_ms()
        applied = self._voids.apply(sender, self.people, wanted, self._on_its_way, now)
        request = Request(sender.name, sender.feed, sender.kinds, applied.heard)
        around = Surroundings(
            site_key=self._place.site_key,
            people=self.people,
            zone=self._place.zone,
            now_ms=self._place.now_ms,
        )
        taken = take(request, self._place.destination, around)
        self._on_its_way |= names
        try:
            await self._place.deliveries.deliver([*taken.parcels, *applied.retractions])
        except (Busy, Unreachable) as error:
            raise Overloaded(str(error), RETRY_AFTER_S) from error
        finally:
            for name in names:
                self._on_its_way.pop(name, None)
        self._memory.remember(names, applied.led_to)
        self._move_on(sender, heard)
        return taken.account

    def _names(self, heard: Sequence[Heard]) -> dict[Name, bytes]:
        """Digests by name; Invalid where a request holds two of one name that are not equal."""
        found: dict[Name, bytes] = {}
        for one in heard:
            if one.id:
                this = digest(one.raw)
                if found.setdefault((one.standard, one.id), this) != this:
                    raise Invalid(f"the id {one.id} stands twice in the request, for two things")
        return found

    def _without_repeats(self, heard: Sequence[Heard], names: dict[Name, bytes]) -> Sequence[Heard]:
        held = self._memory.accepted(names)
        for name, content in names.items():
            if content != held.get(name, self._on_its_way.get(name, content)):
                raise Conflict(
                    f"the id {name[1]} was accepted before for something else: nothing of this"
                    " request was kept; send it under an id of its own"
                )
        return [
            replace(one, said=_REPEATED) if (one.standard, one.id) in held else one for one in heard
        ]

    def _dated(self, heard: Sequence[Heard]) -> Sequence[Heard]:
        undated = [(one.standard, one.id) for one in heard if not one.is_dated]
        if not undated:
            return heard
        at = self._memory.received(undated)
        return [
            one if one.is_dated else replace(one, occurred_at=at[one.standard, one.id])
            for one in heard
        ]

    def _move_on(self, sender: Sender, heard: Sequence[Heard]) -> None:
        """An empty request says that there was nothing up to now."""
        now = self._place.now_ms()
        moments = [one.occurred_at for one in heard if one.occurred_at <= now] if heard else [now]
        if moments:
            self.reached[sender.feed] = max(self.reached.get(sender.feed, 0), *moments)
