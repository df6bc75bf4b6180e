"""Rows that come one by one, as the bytes of a record each, gathered into columns of text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import polars as pl

from connectors.incremental import Position
from connectors.rows import Chunk, Columns, Rows, rejected
from connectors.source import Rejected
from connectors.text import REPLACEMENT, Encoding
from schemas.reasons import Reason

ROW_BYTES_LIMIT: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a record is no row; `problem` is the beginning of a sentence."""

    reason: Reason
    problem: str


Parse: TypeAlias = Callable[[str], Sequence[str] | Refusal]
"""The cells of a record, one for each of the columns, in their order."""

ParserOf: TypeAlias = Callable[[Columns], Parse]
"""What parses the records of a format, given the columns that are wanted."""


class Gathering:
    """Records of a file up to the next `chunk`. `encoding` is that of the bytes in the file."""

    def __init__(
        self,
        file: str,
        columns: Columns,
        parse: Parse,
        encoding: Encoding = "utf-8",
        restored: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self._file = file
        self._names = columns.names
        self._parse = parse
        self._encoding = encoding
        self._restored = restored
        self._clear()

    def _clear(self) -> None:
        self._found: list[Sequence[str]] = []
        self._numbers: list[int] = []
        self._raws: list[bytes] = []
        self._bad: list[Rejected] = []

    def __len__(self) -> int:
        return len(self._numbers) + len(self._bad)

    def add(self, number: int, raw: bytes) -> None:
        """A record, as UTF-8."""
        cells = self._cells(raw)
        if isinstance(cells, Refusal):
            self.refuse(cells, number, raw)
        else:
            self._found.append(cells)
            self._numbers.append(number)
            self._raws.append(self._restored(raw))

    def refuse(self, why: Refusal, number: int, raw: bytes) -> None:
        """What is no record."""
        raw = self._restored(raw)
        self._bad.append(rejected(why.reason, why.problem, self._file, number, raw))

    def chunk(self, place: Position, done: int) -> Chunk:
        """All of it; from here on, it begins anew."""
        cells = list(zip(*self._found, strict=True)) or [()] * len(self._names)
        columns = {
            name: pl.Series(name, texts, dtype=pl.String)
            for name, texts in zip(self._names, cells, strict=True)
        }
        rows = Rows(self._file, columns, np.array(self._numbers, np.int64), self._raws)
        bad = self._bad
        self._clear()
        return Chunk(rows, bad, place, done)

    def _cells(self, raw: bytes) -> Sequence[str] | Refusal:
        if len(raw) > ROW_BYTES_LIMIT:
            problem = f"the row has {len(raw)} bytes, more than the {ROW_BYTES_LIMIT} accepted"
            return Refusal(Reason.TOO_LARGE, problem)
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            return Refusal(Reason.WRONG_ENCODING, f"the row is not UTF-8 (byte {error.start + 1})")
        if self._encoding != "utf-8" and REPLACEMENT in text:
            return Refusal(Reason.WRONG_ENCODING, "the row is not text of the file's encoding")
        cells = self._parse(text)
        if isinstance(cells, Refusal) or all(map(_is_text, cells)):
            return cells
        return Refusal(Reason.WRONG_ENCODING, "the row holds half of a character")


def _is_text(text: str) -> bool:
    """Whether it can be UTF-8: JSON may name halves of characters, which are none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
