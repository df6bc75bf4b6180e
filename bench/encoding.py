"""Encodes the events of a workload, thousands at once, with plausible fields of each kind."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.workload import Chunk, Workload
from schemas.avro import Json, fields_of, schema_of
from schemas.columns import Coded, Column, ColumnEncoder, Nullable
from schemas.topics import ACTIVITY, Topic
from schemas.types import Kind

_RECORDED_AFTER_MS: Final = 1_500
_VALUES: Final = 500  # different strings of a field
_NULLS: Final = 10  # every tenth value of a kind's own fields is null
_COMMON: Final = frozenset(
    {"event_id", "student", "occurred_at", "recorded_at", "feed", "revision", "action"}
)


def feed_of(kind: Kind) -> str:
    """The feed that delivers a kind; each has one of its own, as in `policy.yaml`."""
    return f"bench.{kind.value}"


class EventEncoder:
    """Encodes events under the ids that the registry gave the shipped schemas."""

    def __init__(self, workload: Workload, schema_ids: Mapping[Topic, int]) -> None:
        self._encoders = {
            kind: ColumnEncoder(schema_of(ACTIVITY[kind]), schema_ids[ACTIVITY[kind]])
            for kind in workload.kinds
        }

    def encode(self, kind: Kind, chunk: Chunk, which: NDArray[np.int64]) -> list[bytes]:
        """The values of the events of a chunk that stand at `which`; all are of `kind`."""
        students, occurred_at = chunk.students[which], chunk.occurred_at[which]
        columns: dict[str, Column] = {
            "event_id": chunk.ids[which],
            "student": students,
            "occurred_at": occurred_at,
            "recorded_at": occurred_at + _RECORDED_AFTER_MS,
            "feed": feed_of(kind),
            "revision": 0,
            "action": "assert",
        }
        for field in fields_of(schema_of(ACTIVITY[kind])):
            name = str(field["name"])
            if name not in _COMMON:
                columns[name] = _own(name, field["type"], occurred_at)
        return self._encoders[kind].encode(columns, len(which))


def _own(name: str, kind: Json, seed: NDArray[np.int64]) -> Column:
    """A field of the kind's own: null now and then, else one of some values."""
    codes = (seed * 7 + len(name)) % _VALUES
    valid = codes % _NULLS != 0
    match kind:
        case ["null", "string"]:
            return Nullable(valid, Coded(codes, [f"{name}/{i}" for i in range(_VALUES)]))
        case ["null", "int"]:
            return Nullable(valid, codes)
        case ["null", "boolean"]:
            return Nullable(valid, codes % 2 == 0)
    raise TypeError(f"the benchmark does not know how to fill the field {name}, {kind}")
