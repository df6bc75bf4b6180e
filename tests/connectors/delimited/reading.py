"""Reads bytes as a delimited file, and puts together what came of it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from connectors.delimited.reader import DelimitedReader
from connectors.rows import Chunk, Columns, RowReader
from schemas.reasons import Reason


class Read(NamedTuple):
    """Rows as tuples of cells, each with its line, and rejections as (reason, line, raw)."""

    rows: list[tuple[str, ...]]
    lines: list[int]
    raws: list[bytes]
    rejected: list[tuple[Reason, int, bytes]]


def read(
    content: bytes,
    needed: Sequence[str] = ("a", "b"),
    *,
    reader: RowReader | None = None,
    is_growing: bool = False,
    suffix: str = "",
) -> Read:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"file.csv{suffix}"
        path.write_bytes(content)
        columns = Columns(tuple(needed))
        return together(
            list((reader or DelimitedReader()).read(path, columns, None, is_growing=is_growing))
        )


def together(chunks: Sequence[Chunk]) -> Read:
    found = Read([], [], [], [])
    for chunk in chunks:
        columns = [column.to_list() for column in chunk.rows.columns.values()]
        found.rows.extend(zip(*columns, strict=True))
        found.lines.extend(chunk.rows.lines.tolist())
        found.raws.extend(chunk.rows.raw)
        found.rejected.extend((one.reason, one.line, one.raw) for one in chunk.rejected)
    return found
