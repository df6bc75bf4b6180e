"""Values of one writer's schema as columns, without the frames they came in: for the slow path.

1. All of them are tried as one Avro block.
2. Where that is refused, each is decoded by itself, by fastavro, and written again in canonical
   form; what fastavro does not take is refused. The rest is a block.

So whatever is accepted, here or in `broker.blocks`, comes out of the same decoder and was held
against the same checks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import fastavro
import numpy as np
import polars as pl
from numpy.typing import NDArray

from broker.avro_block import AvroBlock, Field, NotABlock
from broker.spans import Spans
from schemas.avro import Schema, fields_of
from schemas.canonical import Measured, measure
from schemas.errors import Undecodable
from schemas.physical import column_types, narrowed, physical, wide
from schemas.reasons import Reason
from schemas.sizes import smallest_record
from schemas.wire import PREFIX_BYTES, canonical

_PREFIX: Final[Field] = {
    "name": "value_prefix",
    "type": {"type": "fixed", "name": "ValuePrefix", "size": PREFIX_BYTES},
}


@dataclass(frozen=True, slots=True)
class Values:
    """What became of some values; each is in exactly one of accepted and refused."""

    columns: pl.DataFrame  # of the accepted ones, in physical form
    accepted: NDArray[np.int64]  # which they are, ascending
    refused: Mapping[int, Undecodable]


class ValueReader:
    """Decodes values in the wire format that name the same schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._types = column_types(physical(schema))
        self._smallest = PREFIX_BYTES + smallest_record(schema)
        self._writer = fastavro.parse_schema(physical(schema))
        self._block = AvroBlock([_PREFIX, *fields_of(wide(schema))])

    def read(self, values: Spans) -> Values:
        """All of them, one way or the other; raises nothing for what they hold."""
        try:
            frame, measured = self._as_block(b"".join(values), values.sizes)
            if measured.unsound:
                raise NotABlock("numbers that their types have not")
        except NotABlock:
            return self._one_by_one(values)
        return Values(narrowed(frame, self._types), np.arange(len(values)), {})

    def _one_by_one(self, values: Spans) -> Values:
        decodable: list[int] = []
        rewritten: list[bytes] = []
        refused: dict[int, Undecodable] = {}
        for index, value in enumerate(values):
            try:
                rewritten.append(canonical(value, self._writer))
                decodable.append(index)
            except Undecodable as error:
                refused[index] = error
        sizes = np.fromiter(map(len, rewritten), np.int64, len(rewritten))
        frame, measured = self._as_block(b"".join(rewritten), sizes)
        which = np.array(decodable, np.int64)
        unsound = {
            int(which[place]): _unsound(name)
            for name, places in measured.unsound.items()
            for place in places
        }
        sound = ~np.isin(which, list(unsound))
        return Values(narrowed(frame.filter(sound), self._types), which[sound], refused | unsound)

    def _as_block(self, values: bytes, lengths: NDArray[np.int64]) -> tuple[pl.DataFrame, Measured]:
        """Values, one behind the other, in wide form; raises NotABlock when not canonical."""
        if (lengths < self._smallest).any():
            raise NotABlock("a value is shorter than any of its schema")
        frame, data = self._block.decode(len(lengths), [values])
        measured = measure(self._schema, frame)
        if (lengths != PREFIX_BYTES + measured.sizes).any():
            raise NotABlock("lengths differ from what the values take")
        begins = np.cumsum(lengths) - lengths + PREFIX_BYTES
        if not measured.names_branches(data, begins):
            raise NotABlock("a branch that there is not")
        return frame, measured


def _unsound(name: str) -> Undecodable:
    return Undecodable(
        Reason.UNDECODABLE,
        f"{name} is a number that its type has not: an int beyond 32 bits, or a position beyond"
        " the symbols of its enum",
    )
