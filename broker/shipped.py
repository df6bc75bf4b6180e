"""The columns of the schema that is shipped for a topic, whatever the writer's were."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from broker.blocks import Rows
from schemas.avro import Schema, fields_of
from schemas.physical import column_types, default_of, defaults_within, physical


class Shipped:
    """Gives rows these columns; safe to use from several threads."""

    def __init__(self, schema: Schema) -> None:
        self.types = column_types(physical(schema))
        self._defaults = {str(one["name"]): default_of(one) for one in fields_of(schema)}
        self._within = {str(one["name"]): defaults_within(one) for one in fields_of(schema)}

    def aligned(self, values: pl.DataFrame) -> pl.DataFrame:
        """A writer's columns, picked by name; defaults where there is none."""
        if list(values.schema.items()) == list(self.types.items()):
            return values
        return values.select(
            self._cast(name, dtype)
            if name in values.columns
            else pl.Series(name, [self._defaults[name]], dtype).new_from_index(0, values.height)
            for name, dtype in self.types.items()
        )

    def joined(self, parts: Sequence[Rows]) -> Rows:
        """Rows of these columns, one behind the other."""
        if len(parts) == 1:
            return parts[0]
        if not parts:
            nothing = np.array([], np.int64)
            empty = pl.DataFrame(schema=self.types)
            return Rows(empty, nothing, nothing, pl.Series([], dtype=pl.Binary))
        return Rows(
            values=pl.concat([part.values for part in parts]),
            offsets=np.concatenate([part.offsets for part in parts]),
            timestamps=np.concatenate([part.timestamps for part in parts]),
            keys=pl.concat([part.keys for part in parts]),
        )

    def _cast(self, name: str, dtype: pl.DataType) -> pl.Expr:
        # As an expression it goes by the names of nested fields, and fills up with nulls.
        column = pl.col(name).cast(dtype)
        if not self._within[name]:
            return column
        filled = [pl.field(n).fill_null(default) for n, default in self._within[name].items()]
        return column.list.eval(pl.element().struct.with_fields(*filled))
