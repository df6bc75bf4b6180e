"""A schema as its bytes are: logical types dropped, enums as the ints they are encoded as.

Columns have the types of this *physical* form: timestamps, dates and enums are integers. Blocks of
records are decoded under the *wide* form, where ints and booleans are longs too, which on the wire
they are: what is out of range is a number to be checked, instead of a panic inside the decoder or
a number cut to size.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from schemas.avro import Json, Schema, fields_of

# A boolean's byte, 0 or 1, read as a zigzag varint.
FALSE: Final = 0
TRUE: Final = -1

_PRIMITIVES: Final[dict[str, type[pl.DataType]]] = {
    "int": pl.Int32,
    "long": pl.Int64,
    "double": pl.Float64,
    "boolean": pl.Boolean,
    "string": pl.String,
    "bytes": pl.Binary,
}


def physical(schema: Schema) -> dict[str, Json]:
    """The record schema in physical form; the names of its fields stay."""
    return {
        "type": "record",
        "name": schema["name"],
        "fields": [
            {"name": field["name"], "type": _physical(field["type"])} for field in fields_of(schema)
        ],
    }


def _physical(kind: Json) -> Json:
    match kind:
        case ["null", inner]:
            return ["null", _physical(inner)]
        case {"type": "enum"}:
            return "int"
        case {"type": "array", "items": {"type": "record"} as items}:
            return {"type": "array", "items": _physical(items)}
        case dict() as record if record["type"] == "record":
            return physical(record)
        case {"type": "fixed", "name": name, "size": size}:
            return {"type": "fixed", "name": name, "size": size}
        case {"type": str(primitive)} | str(primitive) if primitive in _PRIMITIVES:
            return primitive
    raise ValueError(f"the fast path does not take the Avro type {kind}")


def wide(schema: Schema) -> dict[str, Json]:
    """The record schema in wide form."""
    return {
        "type": "record",
        "name": schema["name"],
        "fields": [
            {"name": field["name"], "type": _wide(_physical(field["type"]))}
            for field in fields_of(schema)
        ],
    }


def _wide(kind: Json) -> Json:
    match kind:
        case ["null", inner]:
            return ["null", _wide(inner)]
        case {"type": "array", "items": items}:
            return {"type": "array", "items": _wide(items)}
        case dict() as record if record["type"] == "record":
            return wide(record)
        case "int" | "boolean":
            return "long"
    return kind


def data_type(kind: Json) -> pl.DataType:
    """The column type that polars gives a physical Avro type."""
    match kind:
        case ["null", inner]:
            return data_type(inner)
        case {"type": "array", "items": items}:
            return pl.List(data_type(items))
        case dict() as record if record["type"] == "record":
            return pl.Struct(column_types(record))
        case {"type": "fixed"}:
            return pl.Binary()
        case str(primitive):
            return _PRIMITIVES[primitive]()
    raise ValueError(f"the fast path does not take the Avro type {kind}")


def narrowed(frame: pl.DataFrame, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The columns of these types, out of a frame in wide form whose numbers are within them."""
    return pl.DataFrame(
        [
            column if column.dtype == dtype else column.cast(dtype)
            for column, dtype in ((frame[name], dtype) for name, dtype in types.items())
        ]
    )


def column_types(record: Schema) -> dict[str, pl.DataType]:
    """Name and type of each column of a physical record schema."""
    return {str(field["name"]): data_type(field["type"]) for field in fields_of(record)}


def defaults_within(field: Schema) -> dict[str, Json | bytes]:
    """Of an array of records: the defaults of their fields that are not null, by name."""
    match field["type"]:
        case {"type": "array", "items": dict(item)} if item["type"] == "record":
            found = {str(one["name"]): default_of(one) for one in fields_of(item)}
            return {name: default for name, default in found.items() if default is not None}
    return {}


def default_of(field: Schema) -> Json | bytes:
    """The default of a field, as its column holds it."""
    default = field.get("default")
    match field["type"], default:
        case {"type": "enum", "symbols": list(symbols)}, str():
            return symbols.index(default)
        case {"type": "fixed"} | "bytes" | {"type": "bytes"}, str():
            return default.encode("latin-1")  # Avro's way to write bytes in JSON
    return default
