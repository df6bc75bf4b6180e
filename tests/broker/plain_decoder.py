"""A decoder to compare with: one record at a time, with fastavro and a frame reader of its own.

It shares no code with broker/ or schemas/, and does not care how long it takes. What it says:

- each record begins with its length; one that is broken inside is bad, and the next is read on;
- where lengths do not divide the batch into as many records as it claims, at ascending offsets,
  whatever lies behind is bad;
- a value is good if fastavro decodes all of it, and every number is one of its type's.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import fastavro

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None
Schema: TypeAlias = Mapping[str, Json]


@dataclass
class Plain:
    """By offset: what is good, what is deleted, and what is bad."""

    good: dict[int, tuple[bytes, dict[str, object]]] = field(default_factory=dict)
    deleted: dict[int, bytes] = field(default_factory=dict)
    bad: set[int] = field(default_factory=set)

    def without(self, before: int) -> "Plain":
        """The same from an offset on."""
        return Plain(
            {offset: row for offset, row in self.good.items() if offset >= before},
            {offset: key for offset, key in self.deleted.items() if offset >= before},
            {offset for offset in self.bad if offset >= before},
        )

    def and_also(self, other: "Plain") -> "Plain":
        return Plain(self.good | other.good, self.deleted | other.deleted, self.bad | other.bad)


def read_plainly(
    payload: bytes,
    *,
    count: int,
    base: int,
    span: int,
    schemas: Mapping[int, Schema],
    defaults: Mapping[str, object],
    may_delete: bool = False,
) -> Plain:
    """An uncompressed batch; `schemas` by id, `defaults` of all fields of the schema read into."""
    found = Plain()
    reader = Reader(payload)
    expected, end = base, base + span
    for _ in range(count):
        try:
            body = reader.take(reader.varint())
        except ValueError:
            break
        try:
            delta, key, value = _record(Reader(body))
        except ValueError:
            delta, key, value = expected - base, None, b""
        offset = base + delta
        if not expected <= offset < end:
            break
        expected = offset + 1
        if value is None and key is not None and may_delete:
            found.deleted[offset] = key
            continue
        record = None if key is None or value is None else _decoded(value, schemas)
        if key is None or record is None:
            found.bad.add(offset)
        else:
            written = {name: v for name, v in record.items() if name in defaults}
            found.good[offset] = key, {**defaults, **written}
    else:
        if reader.at == len(payload):
            return found
    expected = min(expected, end - 1)  # where no offset is left, it is told with the last one
    found.bad.update(range(expected, end))
    return found


def _record(reader: "Reader") -> tuple[int, bytes | None, bytes | None]:
    reader.take(1)
    reader.varint()
    delta = reader.varint()
    key, value = reader.sized(), reader.sized()
    headers = reader.varint()
    if headers < 0:
        raise ValueError("negative headers")
    for _ in range(headers):
        reader.sized()
        reader.sized()
    if reader.at != len(reader.data):
        raise ValueError("bytes are left in the record")
    return delta, key, value


def _decoded(value: bytes, schemas: Mapping[int, Schema]) -> dict[str, object] | None:
    schema = schemas.get(int.from_bytes(value[1:5])) if value[:1] == b"\0" else None
    if schema is None or len(value) < 5:
        return None
    body = io.BytesIO(value[5:])
    try:
        record = fastavro.schemaless_reader(body, fastavro.parse_schema(_loose(dict(schema))), None)
    except (EOFError, IndexError, ValueError, OverflowError):
        return None
    if body.read(1) or not isinstance(record, dict) or not _is_sound(dict(schema), record):
        return None
    return record


def _loose(kind: Json) -> dict[str, Json]:
    """A record schema without logical types, and with numbers in place of symbols."""

    def loosened(kind: Json) -> Json:
        match kind:
            case list():
                return [loosened(branch) for branch in kind]
            case {"type": "enum"}:
                return "long"
            case {"type": "array", "items": items}:
                return {"type": "array", "items": loosened(items)}
            case {"type": "record"}:
                return _loose(kind)
            case {"type": "fixed", "name": name, "size": size}:
                return {"type": "fixed", "name": name, "size": size}
            case {"type": str(name)}:
                return name
        return kind

    match kind:
        case {"name": name, "fields": list(fields)}:
            parts: list[Json] = [
                {"name": one["name"], "type": loosened(one["type"])}
                for one in fields
                if isinstance(one, dict)
            ]
            return {"type": "record", "name": name, "fields": parts}
    raise AssertionError(f"{kind} is not a record")


def _is_sound(kind: Json, value: object) -> bool:
    match kind, value:
        case _, None:
            return True
        case ["null", inner], _:
            return _is_sound(inner, value)
        case {"type": "record", "fields": list(fields)}, dict():
            parts = [one for one in fields if isinstance(one, dict)]
            return all(_is_sound(one["type"], value[one["name"]]) for one in parts)
        case {"type": "array", "items": items}, list():
            return all(_is_sound(items, item) for item in value)
        case {"type": "enum", "symbols": list(symbols)}, int():
            return 0 <= value < len(symbols)
        case "int" | {"type": "int"}, int():
            return -(2**31) <= value < 2**31
    return True


class Reader:
    """Bytes, one after the other; ValueError where they end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def varint(self) -> int:
        zigzag = shift = 0
        while True:
            byte = self.take(1)[0]
            zigzag |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return (zigzag >> 1) ^ -(zigzag & 1)
            if shift > 63:
                raise ValueError("a varint without end")

    def sized(self) -> bytes | None:
        length = self.varint()
        return None if length < 0 else self.take(length)

    def take(self, length: int) -> bytes:
        if length < 0 or self.at + length > len(self.data):
            raise ValueError("out of bounds")
        self.at += length
        return self.data[self.at - length : self.at]
