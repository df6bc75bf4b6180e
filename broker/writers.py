"""The schemas under which a topic's values may have been written, by the id in their prefix.

A writer's schema fits a topic when it has the shipped schema's name, and every field of it, with
the same type and symbols, unless that has a default. Under any other, columns would be misread:
with an id from another topic's subject, or when a registry was emptied and filled anew.
"""

import time
from collections.abc import Callable
from typing import Final, TypeAlias

from schemas.avro import Json, Schema, fields_of

WriterSchema: TypeAlias = Callable[[int], Schema | None]
"""The schema registered under an id, or None when there is none."""

_FORGET_AFTER_S: Final = 30.0
_MOST_UNKNOWN: Final = 32


class Writers:
    """The writers of one topic.

    What is known is kept. What is not is asked for again after a while, since a writer may register
    its schema any time; and of garbage, which names any number of ids, only a few are asked for.
    """

    def __init__(
        self,
        schema: Schema,
        schema_id: int,
        look_up: WriterSchema,
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shipped = schema
        self._look_up = look_up
        self._seconds = seconds
        self._known: dict[int, Schema] = {schema_id: schema}
        self._unknown: set[int] = set()
        self._forget_at_s = 0.0

    def find(self, schema_id: int) -> Schema | None:
        """The schema under the id; None when there is none that fits. Raises as `look_up`."""
        known = self._known.get(schema_id)
        if known is not None:
            return known
        if self._seconds() >= self._forget_at_s:
            self._unknown.clear()
        if schema_id in self._unknown or len(self._unknown) >= _MOST_UNKNOWN:
            return None
        found = self._look_up(schema_id)
        if found is not None and fits(found, self._shipped):
            self._known[schema_id] = found
            return found
        if not self._unknown:
            self._forget_at_s = self._seconds() + _FORGET_AFTER_S
        self._unknown.add(schema_id)
        return None


def fits(writer: Schema, shipped: Schema) -> bool:
    """Whether what was written under `writer` can be read as columns of `shipped`."""
    is_record = writer.get("type") == "record" and _name(writer) == _name(shipped)
    return is_record and _fits(writer, shipped)


def _fits(writer: Schema, shipped: Schema) -> bool:
    written = {field["name"]: field["type"] for field in fields_of(writer)}
    return all(
        _alike(written[field["name"]], field["type"])
        if field["name"] in written
        else "default" in field
        for field in fields_of(shipped)
    )


def _alike(written: Json, shipped: Json) -> bool:
    """Whether values are the same on the wire and mean the same; names and docs do not matter."""
    match written, shipped:
        case ["null", one], ["null", other]:
            return _alike(one, other)
        case {"type": "array", "items": one}, {"type": "array", "items": other}:
            return _alike(one, other)
        case dict(), dict() if written["type"] == shipped["type"] == "record":
            return _fits(written, shipped)
        case {"type": "fixed", "size": one}, {"type": "fixed", "size": other}:
            return one == other
        case {"type": "enum", "symbols": one}, {"type": "enum", "symbols": other}:
            return one == other
    return _primitive(written) == _primitive(shipped)


def _name(schema: Schema) -> str:
    """Without the namespace, which may stand before it or beside it."""
    return str(schema["name"]).rpartition(".")[2]


def _primitive(kind: Json) -> Json:
    """The type's name; with its logical type, because microseconds are not milliseconds."""
    match kind:
        case {"type": name, "logicalType": logical}:
            return [name, logical]
        case {"type": name}:
            return [name, None]
    return [kind, None]
