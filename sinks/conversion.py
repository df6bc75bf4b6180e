"""From decoded columns, which are physical (ints), to what the columns of a table hold.

| Avro | column |
|---|---|
| date | Date; beyond what ClickHouse can hold: its first or last date |
| timestamp-millis | Datetime in UTC, milliseconds; likewise |
| enum | Enum, which becomes a dictionary in Arrow |
| array of records | list of structs, their fields converted and named likewise |
| all others | as they are |

Null stays null. No Python runs per row.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

from schemas.avro import Json, Schema, fields_of

_EPOCH: Final = date(1970, 1, 1)
# What ClickHouse's Date32 and DateTime64(3) can hold.
EARLIEST_DAY: Final = (date(1900, 1, 1) - _EPOCH).days
LATEST_DAY: Final = (date(2299, 12, 31) - _EPOCH).days
DAY_MS: Final = 86_400_000
_EARLIEST_MS: Final = EARLIEST_DAY * DAY_MS
_LATEST_MS: Final = (LATEST_DAY + 1) * DAY_MS - 1

_NO_NAMES: Final[Mapping[str, str]] = {}


def converted(field: Mapping[str, Json], names: Mapping[str, str] = _NO_NAMES) -> pl.Expr:
    """The column of a record's field; `names` are other names for fields of nested records."""
    name = str(field["name"])
    return _converted(pl.col(name), field["type"], names).alias(name)


def _converted(column: pl.Expr, kind: Json, names: Mapping[str, str]) -> pl.Expr:
    match kind:
        case ["null", inner]:
            return _converted(column, inner, names)
        case {"logicalType": "date"}:
            return column.clip(EARLIEST_DAY, LATEST_DAY).cast(pl.Date)
        case {"logicalType": "timestamp-millis"}:
            return column.clip(_EARLIEST_MS, _LATEST_MS).cast(pl.Datetime("ms", "UTC"))
        case {"type": "enum", "symbols": list(symbols)}:
            return column.cat.to(pl.Enum([str(symbol) for symbol in symbols]))
        case {"type": "array", "items": dict(item)} if _has_to_change(item, names):
            return column.list.eval(_record(item, names))
    return column


def _record(item: Schema, names: Mapping[str, str]) -> pl.Expr:
    fields = [(str(field["name"]), field["type"]) for field in fields_of(item)]
    return pl.struct(
        _converted(pl.element().struct.field(name), kind, names).alias(names.get(name, name))
        for name, kind in fields
    )


def _has_to_change(item: Schema, names: Mapping[str, str]) -> bool:
    """Whether the struct that was decoded differs from the one that is wanted."""
    return any(
        str(field["name"]) in names or _is_logical(field["type"]) for field in fields_of(item)
    )


def _is_logical(kind: Json) -> bool:
    match kind:
        case ["null", inner]:
            return _is_logical(inner)
        case {"logicalType": _} | {"type": "enum"}:
            return True
    return False
