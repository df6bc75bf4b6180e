"""Takes what was heard in a request: the same rules as for every other connector.

A request is one block of an incremental source (`connectors.incremental`), and `connectors.run`
does with it what it does with any block: whose it is, what waits in quarantine, what lies in the
future, ids and encoding. Only where the records go differs: they are gathered, and delivered once.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np

from broker.deliveries import Parcel
from broker.publisher import Place
from connectors.account import Account
from connectors.coding import coded
from connectors.collector.heard import Activity, Heard, Passed
from connectors.incremental import Activities, Block, Positions
from connectors.positions import MemoryPositions
from connectors.records import Destination
from connectors.run import Surroundings, run
from connectors.schemes import Scheme
from schemas.avro import fields_of, schema_of
from schemas.columns import Column, Nullable
from schemas.topics import ACTIVITY
from schemas.types import Kind

_OWN_FIELDS_FROM: Final = 7  # what all kinds share comes first
_NOT_CARRIED: Final = "not_carried"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a request led to, before it is delivered."""

    parcels: Sequence[Parcel]
    account: Account


@dataclass(slots=True)
class Gatherer:
    """A `Publisher` that keeps what it is given, for somebody else to deliver."""

    parcels: list[Parcel] = field(default_factory=list)

    def publish(
        self,
        topic: str,
        values: Sequence[bytes],
        keys: Sequence[bytes],
        partitions: Sequence[int],
    ) -> None:
        """Keep them."""
        self.parcels.append(Parcel(topic, values, keys, partitions))

    def flush(self) -> None:
        """Nothing waits here."""

    def log_ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """Nobody asks: a request has no marks."""
        return dict.fromkeys(places, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """An `IncrementalSource` that holds what was heard in one request, and has no marks."""

    name: str
    feed: str
    kinds: Collection[Kind]
    heard: Sequence[Heard]

    @property
    def feeds(self) -> Mapping[str, Sequence[Kind]]:
        """None that would be marked."""
        return {}

    def read(self, after: Positions) -> Iterator[Block]:
        """All of it, as one block."""
        by: dict[tuple[Kind, Scheme, str], list[int]] = {}
        skipped: dict[str, int] = {}
        for row, one in enumerate(self.heard):
            match one.said:
                case Activity(kind=kind, scheme=scheme):
                    if kind in self.kinds:
                        by.setdefault((kind, scheme, one.standard), []).append(row)
                    else:
                        skipped[_NOT_CARRIED] = skipped.get(_NOT_CARRIED, 0) + 1
                case Passed(rule):
                    skipped[rule] = skipped.get(rule, 0) + 1
        yield Block(
            input="",
            position={},
            rows=len(self.heard),
            activities=[self._activities(*key, rows) for key, rows in by.items()],
            skipped=skipped,
            file=f"sent by {self.name}",
            lines=[0]
            * len(self.heard),  # the id is in the raw bytes; a place would not be the same
            raw=[one.raw for one in self.heard],
        )

    def _activities(
        self, kind: Kind, scheme: Scheme, standard: str, rows: Sequence[int]
    ) -> Activities:
        heard = [self.heard[row] for row in rows]
        said = [one.said for one in heard if isinstance(one.said, Activity)]
        fields: dict[str, Column] = {
            name: _where_given([one.fields.get(name, "") for one in said])
            for name in _text_fields(kind)
            if any(name in one.fields for one in said)
        }
        return Activities(
            kind=kind,
            feed=self.feed,
            row=np.array(rows, np.int64),
            scheme=scheme,
            person=coded([one.person for one in said]),
            occurred_at=np.array([one.occurred_at for one in heard], np.int64),
            recorded_at=np.array([one.recorded_at for one in heard], np.int64),
            source_key=(standard, coded([one.id for one in heard])),
            fields=fields,
        )


def take(request: Request, destination: Destination, around: Surroundings) -> Taken:
    """The records that a request leads to. Two statements that are equal count once."""
    gathered = Gatherer()
    account = run(request, gathered, destination, MemoryPositions(), around)
    return Taken(gathered.parcels, account)


def _where_given(texts: Sequence[str]) -> Nullable:
    return Nullable(np.array([text != "" for text in texts]), coded(texts))


@cache
def _text_fields(kind: Kind) -> Sequence[str]:
    own = fields_of(schema_of(ACTIVITY[kind]))[_OWN_FIELDS_FROM:]
    return [str(one["name"]) for one in own if one["type"] == ["null", "string"]]
