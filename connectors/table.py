"""Files of rows as an incremental source: a reader of the format, and what its rows mean."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from connectors.incremental import Activities, Block, Due, Position, Positions
from connectors.rows import Chunk, Columns, RowReader, Rows
from connectors.sieve import Sieve
from connectors.values import bounded
from schemas.errors import SourceError
from schemas.types import Kind

REPEATED_HEADER: Final = "repeated_header"


class TableMapping(Protocol):
    """What the rows of a table mean. It remembers nothing from one call to the next."""

    @property
    def feed(self) -> str:
        """The feed it makes activities of."""

    @property
    def kinds(self) -> Sequence[Kind]:
        """The kinds of activity it makes."""

    @property
    def columns(self) -> Columns:
        """The columns it reads."""

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """What the rows say that the sieve lets through; every one of them says something."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """Files of one table, read one after another. Keeps to `IncrementalSource`.

    `is_growing`: the files are still written to, so a last line without an end is no row yet.
    """

    name: str
    files: Sequence[Path]
    reader: RowReader
    mapping: TableMapping
    is_growing: bool = False

    @property
    def feeds(self) -> Mapping[str, Sequence[Kind]]:
        """The one feed of the mapping."""
        return {self.mapping.feed: self.mapping.kinds}

    def read(self, after: Positions) -> Iterator[Block]:
        """The rows of all files that were not read yet."""
        for path in self.files:
            key = str(path.resolve())
            try:
                yield from self._read(path, key, after.get(key))
            except OSError as error:
                raise SourceError(
                    f"{path} cannot be read ({error.strerror or error}): name a file that exists"
                    " and that this user may read"
                ) from error

    def _read(self, path: Path, key: str, position: Position | None) -> Iterator[Block]:
        about = path.stat()
        version = {"size": about.st_size, "mtime": about.st_mtime_ns}
        if position is not None:
            if {name: position.get(name) for name in version} == version:
                if position.get("done"):
                    return
            elif not self.reader.unchanged(path, position, is_growing=self.is_growing):
                position = None
        place: Position = position or {}
        for chunk in self.reader.read(
            path, self.mapping.columns, position, is_growing=self.is_growing
        ):
            place = chunk.place
            yield self._block(key, chunk, {**place, **version, "done": False}, about.st_size)
        yield Block(key, {**place, **version, "done": True}, 0, file=path.name)

    def _block(self, key: str, chunk: Chunk, position: Position, size: int) -> Block:
        mapping = self.mapping
        rows = chunk.rows.emptied(mapping.columns.empty)
        sieve = Sieve(rows, mapping.feed)
        made: Sequence[Activities | Due] = ()
        if len(rows):
            header = [rows.columns[n] == mapping.columns.in_file(n) for n in mapping.columns.needed]
            is_header = header[0]
            for column in header[1:]:
                is_header = is_header & column
            sieve.skip(is_header, REPEATED_HEADER)
            bounded(sieve)
            made = mapping.read(rows, sieve)
        return Block(
            input=key,
            position=position,
            rows=len(rows) + len(chunk.rejected),
            activities=[one for one in made if isinstance(one, Activities)],
            due=[one for one in made if isinstance(one, Due)],
            rejected=[*chunk.rejected, *sieve.rejected],
            skipped=sieve.skipped,
            file=rows.file,
            lines=rows.lines,
            raw=rows.raw,
            done=chunk.done,
            total=size,
        )
