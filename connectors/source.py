"""The port of a source: what a university's system knows, read once from its beginning to its end.

A source is for a system that can be read again. It says what happened, to whom and when; ids of
events, topics, marks and quarantine are the business of `connectors.publish`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from connectors.messages import KeyPart
from schemas.columns import Column
from schemas.reasons import Reason
from schemas.types import Day, Kind, StudentId


@dataclass(frozen=True, slots=True)
class Period:
    """Campus days, both included, on which a student is one; `last` is None while it is open."""

    first: Day
    last: Day | None
    level: str
    mode: str
    programme: str
    status: str


@dataclass(frozen=True, slots=True)
class Student:
    """A student's periods, ascending and apart from one another; none: never a student.

    `recorded_at` is in UTC milliseconds.
    """

    student: StudentId
    recorded_at: int
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something a student is expected to do: `kind` is the activity that meets it.

    `recorded_at` is in UTC milliseconds.
    """

    student: StudentId
    item: str
    kind: Kind
    module: str
    due: Day
    recorded_at: int


@dataclass(frozen=True, slots=True, eq=False)
class ActivityBatch:
    """`n` events of one kind and feed, as columns."""

    kind: Kind
    feed: str
    student: NDArray[np.int64]
    """Pseudonyms, [n]."""
    occurred_at: NDArray[np.int64]
    """UTC milliseconds, [n]."""
    recorded_at: NDArray[np.int64]
    """UTC milliseconds, [n]."""
    source_key: tuple[KeyPart, ...]
    """What names an event at its source, part by part; the same whenever it is read."""
    fields: Mapping[str, Column]
    """The kind's own fields, as `schemas.columns` wants them; one that is left out is null."""


@dataclass(frozen=True, slots=True, eq=False)
class ActivityDay:
    """A campus day of all feeds of a source; without batches nothing happened."""

    day: Day
    batches: Sequence[ActivityBatch]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be used, or what is left of a file that breaks off (it counts as a row)."""

    reason: Reason
    message: str
    """What is wrong and what to do."""
    file: str
    line: int
    """Physical line; the header is line 1."""
    raw: bytes
    feed: str = ""
    """The feed the row would have gone to; empty when it is no activity."""

    @property
    def origin(self) -> str:
        """Where it stands: "file:line"."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class FileRead:
    """What became of a file's rows: used, left out on purpose, or `Rejected` one by one."""

    file: str
    rows: int
    left_out: int
    """Rows that rightly lead to nothing, for example marks carried over from an earlier year."""
    rejected: int
    events: int
    """Events that the used rows stand for, as the file counts them."""


Item: TypeAlias = Student | Expectation | ActivityDay | Rejected | FileRead


class Source(Protocol):
    """A system that can be read from its beginning to its end.

    What a caller may rely on:

    1. Every student and expectation comes before the first `ActivityDay`.
    2. Days come in ascending order, none is left out between the first and the last, and nothing
       of a day or an earlier one comes after it: a mark may follow each day.
    3. Reading again yields the same events with the same source keys, whatever the order of the
       rows at the source.
    4. A row that cannot be used is yielded as `Rejected`; its neighbours are not affected. One
       `FileRead` a file accounts for all its rows.
    5. `SourceError` is raised, before anything is yielded, when the source cannot be read at all.
    """

    @property
    def feeds(self) -> Mapping[str, Sequence[Kind]]:
        """The feeds and the kinds of activity each may carry."""

    def read(self) -> Iterator[Item]:
        """Everything the source knows."""
