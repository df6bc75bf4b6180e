"""A schema as its bytes are: logical types dropped, enums as the ints they are encoded as.

Streams of records are decoded under this form. It is one to one with the wire, it keeps
timestamps and dates as integers, and an enum's position that is out of range is a number to be
checked instead of a panic inside the decoder.
"""

from typing import Final

import polars as pl

from schemas.avro import Json, Schema, fields_of

_PRIMITIVES: Final[dict[str, type[pl.DataType]]] = {
    "int": pl.Int32,
    "long": pl.Int64,
    "double": pl.Float64,
    "boolean": pl.Boolean,
    "string": pl.String,
    "bytes": pl.Binary,
}


def physical(schema: Schema) -> dict[str, Json]:
    """The record schema in physical form; names and defaults of its fields stay."""
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
        case {"type": "array", "items": items}:
            return {"type": "array", "items": _physical(items)}
        case dict() as record if record["type"] == "record":
            return physical(record)
        case {"type": "fixed", "name": name, "size": size}:
            return {"type": "fixed", "name": name, "size": size}
        case {"type": str(primitive)} | str(primitive) if primitive in _PRIMITIVES:
            return primitive
    raise ValueError(f"the fast path does not take the Avro type {kind}")


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


def column_types(record: Schema) -> dict[str, pl.DataType]:
    """Name and type of each column of a physical record schema."""
    return {str(field["name"]): data_type(field["type"]) for field in fields_of(record)}


def symbols_of(schema: Schema) -> dict[str, tuple[str, ...]]:
    """The symbols of each enum field at the top of a record, by the field's name."""
    found: dict[str, tuple[str, ...]] = {}
    for field in fields_of(schema):
        match field["type"]:
            case {"type": "enum", "symbols": list(symbols)}:
                found[str(field["name"])] = tuple(map(str, symbols))
    return found
