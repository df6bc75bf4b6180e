"""Parts the students of a block by the rules that hold for them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.resolution import Groups
from scoring.rules import NotScored, Rules


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Students for whom the same rules hold; later parts override earlier ones."""

    rules: Rules | NotScored
    students: slice | NDArray[np.intp]
    """K of them: a slice with both ends, or ascending columns of the panel."""
    where: NDArray[np.bool_] | None = None
    """On which evaluations, [E, K]; None on all of them."""


def parts_of(groups: Groups | None, usual: Rules, students: slice) -> Iterator[Part]:
    """Give the parts of a block of students.

    Where most of them share their rules, the first part is the whole block, which costs no copy
    of its days; the few others override it.
    """
    if groups is None:
        yield Part(usual, students)
        return
    of = groups.of[:, students]
    sizes = np.bincount(of.ravel(), minlength=len(groups.resolved))
    largest = int(sizes.argmax())
    covers_most = 2 * sizes[largest] > of.size
    if covers_most:
        yield Part(groups.resolved[largest], students)
    for place in np.flatnonzero(sizes).tolist():
        if place == largest and covers_most:
            continue
        member = of == place
        columns = np.flatnonzero(member.any(axis=0))
        where = member[:, columns]
        yield Part(groups.resolved[place], columns + students.start, None if where.all() else where)
