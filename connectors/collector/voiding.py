"""Takes back what a voided statement led to.

A voiding statement names another by its id, and the id of an event is made of more than that: of
student, kind and time too. So the memory keeps beside each accepted id what it led to (`LedTo`).
What is taken back is published as a retraction of the same event, at the same revision: of the two
it decides, whatever comes first (DESIGN.md, event set), and however often it is said.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from broker.deliveries import Parcel
from connectors.collector.heard import Activity, Heard, Passed, Voiding
from connectors.collector.memory import Memory, Name
from connectors.collector.refusal import Forbidden, Overloaded
from connectors.collector.senders import Sender
from connectors.identity import IDENTITY_BYTES, event_names
from connectors.people import ERASED, UNKNOWN, KnownPeople
from connectors.records import Encoder
from connectors.rows import RAW_BYTES_LIMIT
from connectors.run import UNKNOWN_PERSON
from connectors.schemes import Scheme
from connectors.source import Rejected
from connectors.waiting import WaitingActivity, packed
from schemas.reasons import Reason
from schemas.types import Kind, StudentId

_SEPARATOR: Final = "\0"
_VOIDED: Final = Passed("voided")
_VOIDS_UNKNOWN: Final = Passed("voids_unknown")
_ON_ITS_WAY_S: Final = 2.0
"""A delivery takes milliseconds, and seconds while a broker restarts."""


@dataclass(frozen=True, slots=True)
class LedTo:
    """The activity that a statement led to, as far as its event id is made of it."""

    kind: Kind
    occurred_at: int
    """UTC milliseconds."""
    identity: bytes
    """The keyed hash of the person's identifier; the identifier itself is not kept."""
    feed: str

    @staticmethod
    def unpacked(raw: bytes) -> "LedTo":
        """What `_packed` made."""
        kind, occurred_at, feed = raw[IDENTITY_BYTES:].decode().split(_SEPARATOR, 2)
        return LedTo(Kind(kind), int(occurred_at), raw[:IDENTITY_BYTES], feed)


def _packed(identity: bytes, kind: Kind, occurred_at: int, feed: str) -> bytes:
    """Some 50 bytes. Written for every statement, and read for the few that are voided."""
    return identity + f"{kind.value}{_SEPARATOR}{occurred_at}{_SEPARATOR}{feed}".encode()


@dataclass(frozen=True, slots=True)
class Applied:
    """What is left of a request, and what of it and of earlier ones is taken back."""

    heard: Sequence[Heard]
    retractions: Sequence[Parcel]
    led_to: Mapping[Name, bytes]
    """For the memory, once the request is acknowledged."""


@dataclass(frozen=True, slots=True)
class Voids:
    """Takes back; `encoder` is for where the collector delivers to.

    1. A voiding statement of an id that was accepted leads to the retraction of what it led to.
    2. One of an id that is not known is noted, before anything is delivered. What comes under this
       id, in the same request or later, leads to a retraction instead of an activity: it may have
       been stored by a request that was never acknowledged.
    3. One of an id that is on its way now has to wait until it is known what becomes of it.
    """

    encoder: Encoder
    memory: Memory

    def apply(
        self,
        sender: Sender,
        people: KnownPeople,
        heard: Sequence[Heard],
        on_its_way: Collection[Name],
        now_ms: int,
    ) -> Applied:
        """Raises Forbidden for what is another sender's, and Overloaded for step 3."""
        activities = self._led_to(sender, people, heard)
        of = {(one.standard, one.said.statement) for one in heard if isinstance(one.said, Voiding)}
        if not of and not self.memory.has_voided:
            return Applied(heard, (), activities)
        known = self._known(sender, of, on_its_way)
        unknown = of - known.keys()
        if unknown:
            self.memory.void(sender.feed, unknown)
        left: list[Heard] = []
        retractions: list[Parcel] = []
        for one in heard:
            name, taken_back = (one.standard, one.id), None
            if isinstance(one.said, Voiding):
                name = (one.standard, one.said.statement)
                taken_back = known.get(name)
                is_known = name in known or name in activities
                one = replace(one, said=_VOIDED if is_known else _VOIDS_UNKNOWN)
            elif name in activities and self.memory.is_voided(sender.feed, name):
                taken_back = LedTo.unpacked(activities[name])
                one = replace(one, said=_VOIDED)
            left.append(one)
            if taken_back is not None:
                retractions += self._retraction(sender, people, taken_back, name, one, now_ms)
        return Applied(left, retractions, activities)

    def _led_to(
        self, sender: Sender, people: KnownPeople, heard: Sequence[Heard]
    ) -> Mapping[Name, bytes]:
        """What those lead to that can be voided, and are activities their sender may tell of."""
        by_scheme: dict[Scheme, list[tuple[Heard, Activity]]] = {}
        for one in heard:
            said = one.said
            if isinstance(said, Activity) and said.kind in sender.kinds and one.is_voidable:
                by_scheme.setdefault(said.scheme, []).append((one, said))
        found: dict[Name, bytes] = {}
        for scheme, those in by_scheme.items():
            identities = people.hashes(scheme, [said.person for _, said in those])
            for (one, said), identity in zip(those, identities, strict=True):
                name = (one.standard, one.id)
                found[name] = _packed(identity, said.kind, one.occurred_at, sender.feed)
        return found

    def _known(
        self, sender: Sender, names: Collection[Name], on_its_way: Collection[Name]
    ) -> Mapping[Name, LedTo | None]:
        """What those led to that were accepted; None for what led to nothing."""
        for name in names:
            if name in on_its_way:
                raise Overloaded(
                    f"the statement {name[1]} that is voided is still on its way: send it again",
                    _ON_ITS_WAY_S,
                )
        found = {
            name: None if raw is None else LedTo.unpacked(raw)
            for name, raw in self.memory.led_to(names).items()
        }
        for name, one in found.items():
            if one is not None and one.feed != sender.feed:
                raise Forbidden(
                    f"the statement {name[1]} that is voided is another sender's: nothing of this"
                    " request was kept; let whoever sent it take it back"
                )
        return found

    def _retraction(
        self,
        sender: Sender,
        people: KnownPeople,
        of: LedTo,
        name: Name,
        by: Heard,
        now_ms: int,
    ) -> Iterator[Parcel]:
        """The record that takes back what the statement `name` led to, unless nobody may know.

        As long as the person is unknown it waits in quarantine, as what it takes back does.
        """
        waiting = WaitingActivity(
            kind=of.kind,
            feed=of.feed,
            identity=of.identity,
            name=event_names(name, 1)[0],
            occurred_at=of.occurred_at,
            recorded_at=now_ms,
            fields={},
            retracts=True,
        )
        student = people.whose(of.identity)
        if student == ERASED:
            return
        if student == UNKNOWN:
            # Another place than that of the activity, which may wait too: two entries, not one.
            place, raw = f"voided by {sender.name}", by.raw[:RAW_BYTES_LIMIT]
            row = Rejected(Reason.UNKNOWN_IDENTITY, UNKNOWN_PERSON, place, 0, raw, of.feed)
            records = self.encoder.rejected(row, now_ms, packed(waiting))
        else:
            records = self.encoder.waiting(waiting, StudentId(student))
        yield Parcel(records.topic, records.values, records.keys, records.partitions)
