"""Rows of a CSV file with columns of which some may be missing, each with its line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connectors.oulad.files import opened
from connectors.oulad.rows import Rows, read_rows
from schemas.errors import SourceError


@dataclass(frozen=True, slots=True)
class Row:
    """One row, by column."""

    file: str
    line: int
    cells: Mapping[str, str]

    def problem(self, text: str) -> str:
        """Give the sentence about what is wrong with it."""
        return f"{self.file}:{self.line}: {text}"


@dataclass(slots=True)
class CsvFile:
    """A CSV file, plain or compressed; lines that are no rows are collected in `problems`."""

    path: Path
    columns: Sequence[str] = ()
    problems: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, path: Path, needed: Sequence[str]) -> "CsvFile":
        """Open a file.

        Raises SourceError when it cannot be read or lacks one of the `needed` columns.
        """
        try:
            with opened(path) as stream:
                header = stream.readline().decode("utf-8-sig").strip()
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise SourceError(f"{path} cannot be read: {error}") from error
        columns = [name.strip().strip('"') for name in header.split(",")]
        missing = [name for name in needed if name not in columns]
        if missing:
            raise SourceError(
                f"{path}:1: the column {missing[0]} is missing; the first line has to name the"
                f" columns {', '.join(needed)}, and names {', '.join(columns)}"
            )
        return cls(path, [name for name in columns if name])

    def __iter__(self) -> Iterator[Row]:
        """Give the rows; cells are stripped."""
        for rows in read_rows(self.path, self.columns):
            if not isinstance(rows, Rows):
                self.problems.append(f"{rows.origin}: {rows.message}")
                continue
            for place, line in enumerate(rows.lines):
                cells = {name: rows.columns[name][place].strip() for name in self.columns}
                yield Row(self.path.name, line, cells)
