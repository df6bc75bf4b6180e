"""Some rows out of columns."""

from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from connectors.incremental import Activities
from connectors.messages import KeyPart
from schemas.columns import Coded, Column, Nullable

_C = TypeVar("_C", bound=Column)


def picked(column: _C, rows: NDArray[np.int64]) -> _C:
    """The column at these rows; what stands for all rows stays as it is."""
    found: Column
    match column:
        case np.ndarray():
            found = column[rows]
        case Coded(codes, values):
            found = Coded(codes[rows], values)
        case Nullable(valid, inner):
            found = Nullable(valid[rows], picked(inner, rows))
        case _:
            found = column
    return cast("_C", found)


def some(of: Activities, rows: NDArray[np.int64]) -> Activities:
    """These of the activities, by their numbers."""
    key: tuple[KeyPart, ...] = tuple(picked(part, rows) for part in of.source_key)
    return Activities(
        kind=of.kind,
        feed=of.feed,
        row=of.row[rows],
        scheme=of.scheme,
        person=picked(of.person, rows),
        occurred_at=of.occurred_at[rows],
        recorded_at=of.recorded_at[rows],
        source_key=key,
        fields={name: picked(column, rows) for name, column in of.fields.items()},
    )


def value(column: Column, row: int) -> int | float | bool | str | None:
    """One cell."""
    match column:
        case np.ndarray():
            item: int | float | bool = column[row].item()
            return item
        case Coded(codes, values):
            return values[int(codes[row])]
        case Nullable(valid, inner):
            return value(inner, row) if valid[row] else None
        case int() | float() | bool() | str() | None:
            return column
    raise TypeError(f"a column of {type(column).__name__} has no single cells")
