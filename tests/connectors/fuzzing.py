"""Files that nobody should write, and values that no column should hold."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from hypothesis import strategies as st

from connectors.incremental import Position
from connectors.rows import Chunk, Columns, Rows
from connectors.table import FileSource
from tests.connectors.case import Case
from tests.connectors.cases import CASES

HOSTILE: Final = (
    *(
        "",
        " ",
        "-",
        "NULL",
        "\\N",
        "\0",
        "\u202e",
        "İ",
        "\U0001d4b3",
        "\ufeff",
        '"',
        '""',
        "a\nb",
        "a\r",
    ),
    *("-1", "-0", "1e5", "٣", "0x1F", "9" * 19, "-9223372036854775808", "NaN", "1.5", "007"),
    *("2017-13-12", "2019-02-29", "0000-00-00", "9/11/19", "13/13/2013", "2019-03-31T01:30:00"),
    *("2019-10-27T01:30:00", "2019-10-14T24:00:00", "9999-12-31", "4000000000", "1571040000"),
    *("1970-01-01", "2019-10-14T09:00:00+99:99", "9 Novembruary 2019", "25:61", "2098-01-01"),
    *("<b>Ada</b>", "<!-- a", "a < b", "DOMAIN\\ada", "ada$", "x" * 5000, "é" * 3000),
)
"""Texts that are something somewhere."""

_DAMAGE: Final = (b'"', b'""', b"\r", b"\n", b"\0", b"\xff", b"\xef\xbb\xbf", b",", b"\t", b"{")


@dataclass(frozen=True, slots=True)
class Given:
    """A `RowReader` of rows that are given."""

    rows: Rows

    def read(
        self, path: Path, columns: Columns, after: Position | None, *, is_growing: bool
    ) -> Iterator[Chunk]:
        if len(self.rows):
            yield Chunk(self.rows, [], {}, 0)

    def unchanged(self, path: Path, place: Position, *, is_growing: bool) -> bool:
        return True


def files_of(case: Case, folder: Path) -> FileSource | None:
    """The source, where it reads files."""
    source = case.build(folder)
    return source if isinstance(source, FileSource) else None


def file_cases() -> list[Case]:
    return [case for case in CASES if files_of(case, Path()) is not None]


def vocabulary(case: Case, folder: Path) -> Mapping[str, Sequence[str]]:
    """What stands in each column of the samples."""
    case.write(folder, [sample.row for sample in case.samples])
    source = files_of(case, folder)
    assert source is not None
    (path,) = source.files
    found: dict[str, dict[str, None]] = {name: {} for name in source.mapping.columns.names}
    for chunk in source.reader.read(path, source.mapping.columns, None, is_growing=False):
        for name, texts in chunk.rows.columns.items():
            found[name].update(dict.fromkeys(texts.to_list()))
    return {name: list(texts) for name, texts in found.items()}


def rows_of(words: Mapping[str, Sequence[str]]) -> st.SearchStrategy[Rows]:
    """Rows of cells that may stand there, that should not, and of any text."""
    cells = {
        name: st.sampled_from(known) | st.sampled_from(HOSTILE) | st.text(max_size=8)
        for name, known in words.items()
    }
    return st.lists(st.fixed_dictionaries(cells), max_size=6).map(
        lambda rows: Rows(
            "rows",
            {name: pl.Series(name, [r[name] for r in rows], dtype=pl.String) for name in words},
            np.arange(1, len(rows) + 1),
            [repr(row).encode() for row in rows],
        )
    )


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with bytes put in, taken out or repeated; it may be packed, and cut."""
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(content)))
        to = draw(st.integers(at, min(at + 40, len(content))))
        put = draw(st.sampled_from(_DAMAGE) | st.binary(max_size=5) | st.just(content[at:to] * 2))
        content = content[:at] + put + content[draw(st.sampled_from([at, to])) :]
    if draw(st.booleans()):
        packed = gzip.compress(content)
        return packed[: draw(st.integers(0, len(packed)))]
    return content
