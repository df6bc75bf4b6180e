"""Parts of several outcomes that are alike, as one."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TypeVar, cast

import numpy as np

from scoring.scores import Scores
from scoring.side_by_side import groups_side_by_side

P = TypeVar("P")


def joined(parts: Sequence[P]) -> P:
    """One behind the other: arrays along their last axis, whatever else is that of the first.

    Parts are frozen dataclasses of arrays, and of such in turn.
    """
    return parts[0] if len(parts) == 1 else cast(P, _joined(parts))


def _joined(values: Sequence[object]) -> object:
    first = values[0]
    if isinstance(first, np.ndarray):
        return np.concatenate([np.asarray(one) for one in values], axis=-1)
    if isinstance(first, Mapping):
        of_all = cast(Sequence[Mapping[object, object]], values)
        return {key: _joined([one[key] for one in of_all]) for key in first}
    names = _names(first)
    if not any(isinstance(getattr(first, name), np.ndarray) for name in names):
        return first
    columns = (name for name in names if name != "groups")
    of_fields = {name: _joined([getattr(one, name) for one in values]) for name in columns}
    if isinstance(first, Scores):
        scores = cast(Sequence[Scores], values)
        sizes = [one.status.shape[-1] for one in scores]
        of_fields["groups"] = groups_side_by_side([one.groups for one in scores], sizes)
    return type(first)(**of_fields)


def _names(value: object) -> list[str]:
    if not is_dataclass(value) or isinstance(value, type):
        return []
    return [field.name for field in fields(value)]
