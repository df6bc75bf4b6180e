"""A source as the contract suite wants to see it: rows, what each leads to, and how it is built."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.incremental import IncrementalSource
from connectors.schemes import Scheme
from schemas.reasons import Reason
from schemas.types import Kind

EXPECTED: Final = "expected"  # the outcome of a row that leads to an expectation


@dataclass(frozen=True, slots=True)
class Sample:
    """A row as the source writes it, and its outcome: activity, expectation, reason or rule."""

    row: bytes
    outcome: Kind | Reason | str

    @property
    def is_good(self) -> bool:
        """Whether it leads to something."""
        return isinstance(self.outcome, Kind) or self.outcome == EXPECTED


@dataclass(frozen=True, slots=True)
class Case:
    """One source type.

    `write(folder, rows)` lays the rows where the source finds them, in place of what was there;
    it may be called again with more rows behind the first ones. `build(folder)` makes the source,
    which reads in blocks as small as it can. `people` knows everybody in `samples`.
    """

    name: str
    samples: Sequence[Sample]
    people: Sequence[tuple[Scheme, str]]
    write: Callable[[Path, Sequence[bytes]], None]
    build: Callable[[Path], IncrementalSource]

    @property
    def good(self) -> list[Sample]:
        """The samples that lead to something."""
        return [sample for sample in self.samples if sample.is_good]


def lines_under(
    header: bytes, file: str, end: bytes = b"\n"
) -> Callable[[Path, Sequence[bytes]], None]:
    """Writes rows as lines of one file, below its header."""

    def write(folder: Path, rows: Sequence[bytes]) -> None:
        lines = [header, *rows] if header else rows
        (folder / file).write_bytes(b"".join(line + end for line in lines))

    return write
