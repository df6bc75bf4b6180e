"""The port of an incremental source: a log, an export or a table that grows, read in blocks.

Beside `connectors.source.Source`, which is read whole and day by day, this one is read in the order
in which its rows lie, and goes on where it was left. It says what happened, when, and under which
name the system knows the person. Whose name it is, ids of events, topics, marks, quarantine and
positions are the business of `connectors.run`.

A further source is a module with a mapping of its rows (`connectors.table.TableMapping`), where a
reader of its format exists, or an implementation of `IncrementalSource`, and one line in
`connectors.catalogue`. `tests/connectors/contract.py` holds what all of them promise.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from connectors.messages import KeyPart
from connectors.schemes import Scheme
from connectors.source import Rejected
from schemas.columns import Coded, Column
from schemas.types import Day, Kind

Position: TypeAlias = Mapping[str, int | str | bool | list[int]]
"""How far an input has been read; plain JSON, and the source's own business."""

Positions: TypeAlias = Mapping[str, Position]
"""The position of each input, by its name: a file's path, a table's address."""


@dataclass(frozen=True, slots=True, eq=False)
class Activities:
    """`n` activities of one kind and feed, as columns."""

    kind: Kind
    feed: str
    row: NDArray[np.int64]
    """The row of the block that each stands in, [n]."""
    scheme: Scheme
    person: Coded
    """Whose they are, as the source writes it, [n]; never empty."""
    occurred_at: NDArray[np.int64]
    """UTC milliseconds, [n]."""
    recorded_at: NDArray[np.int64]
    """UTC milliseconds, [n]."""
    source_key: tuple[KeyPart, ...]
    """What names an activity at its source, part by part; the same whenever it is read, and
    whatever other rows are read with it. Activities of one person, kind and moment with the same
    key are one."""
    fields: Mapping[str, Column]
    """The kind's own fields, as `schemas.columns` wants them; one that is left out is null."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something a person is expected to do; a later one of the same item takes its place."""

    row: int
    """The row of the block that it stands in."""
    feed: str
    scheme: Scheme
    person: str
    item: str
    kind: Kind
    """The activity that meets it."""
    module: str
    due: Day


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some consecutive rows of an input, and what became of each.

    A row leads to activities or dues, or is rejected, or is skipped: one of the three.
    """

    input: str
    """Which input: the key of its position."""
    position: Position
    """Where reading goes on when everything up to here is acknowledged."""
    rows: int
    """How many rows were read, counted by whoever read them."""
    activities: Sequence[Activities] = ()
    due: Sequence[Due] = ()
    rejected: Sequence[Rejected] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    """Rows that rightly lead to nothing, by the name of the rule that says so."""
    file: str = ""
    lines: Sequence[int] | NDArray[np.int64] = ()
    """The physical line, or the number, of each row that `Activities.row` and `Due.row` name."""
    raw: Sequence[bytes] = ()
    """The bytes of these rows, as they came."""
    done: int = 0
    """How much of the input is read, out of `total`: for people who wait."""
    total: int = 0


class IncrementalSource(Protocol):
    """A system whose rows are read once each, as far as that can be known.

    What a caller may rely on:

    1. `read(after)` begins behind the positions given, or at the beginning of an input whose
       position is not given, or whose content is not what it was when the position was taken.
    2. Blocks are bounded, so memory does not grow with the size of an input.
    3. A position may be kept as soon as its block and all blocks before it are acknowledged. From
       then on a new `read` yields nothing of these blocks that is needed. What it may yield again
       has the source keys it had before.
    4. The activities, expectations, rejections and skips are those of the rows alone: they do not
       depend on the order of the rows, on where blocks end, or on what was read before. (Of two
       rows that expect the same item of the same person, the later one decides.)
    5. A row that cannot be used is `Rejected` with its reason; its neighbours are not affected.
       `read` raises nothing for what an input holds. It raises SourceError for one that cannot be
       opened at all, and Unreachable for a service that does not answer; what was yielded before
       stands.
    """

    @property
    def name(self) -> str:
        """What it is called; its positions are kept under this name."""

    @property
    def feeds(self) -> Mapping[str, Sequence[Kind]]:
        """The feeds and the kinds of activity each may carry."""

    def read(self, after: Positions) -> Iterator[Block]:
        """What lies behind the positions, block by block."""
