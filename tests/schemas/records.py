"""Random records of any of our schemas, and the same as columns: for tests that need both."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import strategies as st

from schemas.avro import Json, Schema, fields_of
from schemas.columns import Coded, Column, Items, Nullable
from schemas.wire import Record

_EPOCH_DAY = date(1970, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGS = st.integers(-(2**63), 2**63 - 1)
_MILLISECONDS = st.integers(-(2**40), 2**43)  # what a datetime can hold
_DAYS = st.integers(-100_000, 100_000)
_TEXTS = st.text(max_size=12)


def records_of(schema: Schema) -> st.SearchStrategy[Record]:
    """Records as fastavro takes them."""
    fields = {str(field["name"]): values_of(field["type"]) for field in fields_of(schema)}
    return st.fixed_dictionaries(fields)


def values_of(kind: Json) -> st.SearchStrategy[object]:
    match kind:
        case ["null", inner]:
            return st.none() | values_of(inner)
        case {"type": "enum", "symbols": list(symbols)}:
            return st.sampled_from(symbols)
        case {"type": "fixed", "size": int(size)}:
            return st.binary(min_size=size, max_size=size)
        case {"type": "array", "items": dict(items)}:
            return st.lists(records_of(items), max_size=4)
        case {"logicalType": "timestamp-millis"}:
            return _MILLISECONDS.map(lambda ms: _EPOCH + timedelta(milliseconds=ms))
        case {"logicalType": "date"}:
            return _DAYS.map(lambda day: _EPOCH_DAY + timedelta(days=day))
        case "long":
            return _LONGS
        case "int":
            return st.integers(-(2**31), 2**31 - 1)
        case "double":
            return st.floats(allow_nan=False)
        case "boolean":
            return st.booleans()
        case "string":
            return _TEXTS
        case "bytes":
            return st.binary(max_size=12)
    raise AssertionError(f"no strategy for {kind}")


def plain_record(schema: Schema, record: Record) -> Record:
    """The record as physical columns hold it: enums, dates and instants as integers."""
    return {
        str(field["name"]): plain(field["type"], record[str(field["name"])])
        for field in fields_of(schema)
    }


def plain(kind: Json, value: object) -> object:
    match kind, value:
        case _, datetime():
            return (value - _EPOCH) // timedelta(milliseconds=1)
        case _, date():
            return (value - _EPOCH_DAY).days
        case {"type": "enum", "symbols": list(symbols)}, str():
            return symbols.index(value)
        case {"type": "array", "items": dict(items)}, list():
            return [plain_record(items, item) for item in value]
    return value


def columns_of(schema: Schema, records: Sequence[Record]) -> dict[str, Column]:
    """The records as columns; arrays must have the same length in all of them."""
    return {
        str(field["name"]): _column(field["type"], [r[str(field["name"])] for r in records])
        for field in fields_of(schema)
    }


def _column(kind: Json, values: Sequence[object]) -> Column:
    match kind:
        case ["null", inner]:
            valid = np.array([value is not None for value in values], np.bool_)
            filled = [_something(inner) if value is None else value for value in values]
            return Nullable(valid, _column(inner, filled))
        case {"type": "enum", "symbols": list(symbols)}:
            return np.array([symbols.index(str(value)) for value in values], np.int64)
        case {"type": "fixed"}:
            return np.array([list(_bytes(value)) for value in values], np.uint8)
        case {"type": "array", "items": dict(items)}:
            rows = [value for value in values if isinstance(value, list)]
            count = len(rows[0])
            flat = [record for row in rows for record in row]
            columns = columns_of(items, flat)
            return Items(
                {name: _shaped(column, (len(rows), count)) for name, column in columns.items()},
                count,
            )
        case "double":
            return np.array(values, np.float64)
        case "boolean":
            return np.array(values, np.bool_)
        case "string":
            texts = sorted({str(value) for value in values})
            return Coded(np.array([texts.index(str(v)) for v in values], np.int64), texts)
    return np.array([plain(kind, value) for value in values], np.int64)


def _shaped(column: Column, shape: tuple[int, int]) -> Column:
    match column:
        case np.ndarray():
            return column.reshape(shape)
        case Coded(codes, values):
            return Coded(codes.reshape(shape), values)
        case Nullable(valid, inner):
            return Nullable(valid.reshape(shape), _shaped(inner, shape))
    raise AssertionError(f"no array of {column}")


def _something(kind: Json) -> object:
    match kind:
        case {"logicalType": "date"}:
            return _EPOCH_DAY
        case {"logicalType": "timestamp-millis"}:
            return _EPOCH
        case "string":
            return ""
        case "boolean":
            return False
    return 0


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError(f"{value!r} is not bytes")
    return value
