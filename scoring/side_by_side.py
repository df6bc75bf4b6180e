"""Panels of different students over the same days, as one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from schemas.types import Kind
from scoring.late import LateItems
from scoring.panel import Panel
from scoring.resolution import Groups
from scoring.rules import NotScored, Rules

_Bits = NDArray[np.bool_]


def side_by_side(
    parts: Sequence[tuple[Panel, Groups | None]],
) -> tuple[Panel, Groups | None]:
    """The students of all panels, one behind the other, and whose rules are whose.

    The panels agree about first day, kinds and calendar weights, which are [T, 1]. Without groups,
    the usual rules hold for all of a part, and are the first of the others' `resolved`.
    """
    panels = [panel for panel, _ in parts]
    if len(panels) == 1:
        return parts[0]
    first = panels[0]
    sizes = [panel.students for panel in panels]
    flags = _Flags(first.days, sizes)
    panel = replace(
        first,
        counts={kind: np.hstack([one.counts[kind] for one in panels]) for kind in first.counts},
        counted={
            kind: flags.joined([one.counted[kind] for one in panels]) for kind in first.counted
        },
        excused={
            kind: flags.joined([one.excused.get(kind) for one in panels])
            for kind in _kinds(one.excused for one in panels)
        },
        due={kind: np.hstack([one.due[kind] for one in panels]) for kind in first.due},
        met={kind: np.hstack([one.met[kind] for one in panels]) for kind in first.met},
        late={
            kind: _late([one.late.get(kind) for one in panels], sizes)
            for kind in _kinds(one.late for one in panels)
        },
    )
    return panel, groups_side_by_side([groups for _, groups in parts], sizes)


class _Flags:
    """Joins arrays of flags; those that kinds share stay shared, since their windows are."""

    def __init__(self, days: int, sizes: Sequence[int]) -> None:
        self._days = days
        self._sizes = sizes
        self._found: dict[tuple[int, ...], _Bits] = {}

    def joined(self, parts: Sequence[_Bits | None]) -> _Bits:
        """[T, S]; a part that is None is nowhere true."""
        key = tuple(map(id, parts))
        if key not in self._found:
            full = [
                np.broadcast_to(np.False_ if part is None else part, (self._days, size))
                for part, size in zip(parts, self._sizes, strict=True)
            ]
            self._found[key] = np.hstack(full)
        return self._found[key]


def _kinds(mappings: Iterable[Mapping[Kind, object]]) -> list[Kind]:
    return list(dict.fromkeys(kind for mapping in mappings for kind in mapping))


def _late(parts: Sequence[LateItems | None], sizes: Sequence[int]) -> LateItems:
    before = list(accumulate(sizes, initial=0))
    there = [(one, at) for one, at in zip(parts, before, strict=False) if one is not None]
    return LateItems(
        np.concatenate([one.student + at for one, at in there]),
        np.concatenate([one.due for one, _ in there]),
        np.concatenate([one.met for one, _ in there]),
    )


def groups_side_by_side(parts: Sequence[Groups | None], sizes: Sequence[int]) -> Groups | None:
    """Whose rules are whose, of `sizes` students each; the usual ones where there are no groups."""
    grouped = [one for one in parts if one is not None]
    if not grouped:
        return None
    resolved: list[Rules | NotScored] = list(grouped[0].resolved)
    columns: list[NDArray[np.int64]] = []
    for one, size in zip(parts, sizes, strict=True):
        if one is None:
            columns.append(np.zeros((1, size), np.int64))
            continue
        resolved += [rules for rules in one.resolved if rules not in resolved]
        places = np.array([resolved.index(rules) for rules in one.resolved], np.int64)
        columns.append(places[one.of])
    return Groups(tuple(resolved), np.hstack(columns))
