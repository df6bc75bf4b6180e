"""Where a statement ends and its data begins.

Over HTTP an INSERT and its rows arrive as one text. The engine's streaming insert wants them
apart, and hands binary formats through untouched; parsed as one text they break. Everything that
is not `INSERT ... FORMAT name` goes to the engine as it came.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from deploy.local.clickhouse.refusal import Refusal

# ClickHouse's max_query_size: a statement's own text, without rows, is never longer.
STATEMENT_BYTES: Final = 262_144

_TOKEN: Final = re.compile(
    rb"""
    (?P<gap>\s+ | --[^\n]* | \#[ !][^\n]* | /\*.*?\*/)
  | (?P<quoted>'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `(?:[^`\\]|\\.)*`)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
# After the format's name: blanks, then at most one line break, belong to the statement.
_BEFORE_DATA: Final = re.compile(rb"[ \t\f]*;?[ \t\f]*\r?\n?")


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement; `data` and `data_format` are set for `INSERT ... FORMAT` only.

    `text` then is the statement without its FORMAT clause.
    """

    text: bytes
    data_format: str | None = None
    data: bytes = b""

    @property
    def reads_only(self) -> bool:
        """Whether stopping it half way leaves nothing behind."""
        first = next(_words(self.text), None)
        return first is not None and first[1] in (b"SELECT", b"WITH", b"SHOW", b"EXPLAIN")


def split(sql: bytes) -> Statement:
    """Split one request's SQL into statement and data.

    Raises Refusal when there is nothing to run, or more than one statement: the server refuses
    several at once, and what runs here has to run there.
    """
    words = _words(sql)
    first = next(words, None)
    if first is None:
        raise Refusal.named(62, "SYNTAX_ERROR", "Syntax error: the request holds no statement.")
    if first[1] != b"INSERT":
        _refuse_several(sql)
        return Statement(sql)
    for start, word, _ in words:
        if word in (b"SELECT", b"WITH", b"VALUES", b"INFILE"):
            return Statement(sql)
        if word == b"FORMAT":
            _, _, end = name = next(words, (0, b"", 0))
            if not name[1]:
                break
            rows = _BEFORE_DATA.match(sql, end)
            data_start = rows.end() if rows else end
            return Statement(
                sql[:start],
                # Formats' names have a case of their own.
                data_format=sql[name[0] : end].decode("ascii"),
                data=sql[data_start:],
            )
    return Statement(sql)


def _words(sql: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield (start, upper-case word, end) of the bare words outside quotes and parentheses."""
    depth = 0
    for token in _TOKEN.finditer(sql, 0, STATEMENT_BYTES):
        if token.lastgroup == "word" and depth == 0:
            yield token.start(), token[0].upper(), token.end()
        elif token[0] == b"(":
            depth += 1
        elif token[0] == b")":
            depth -= 1


def _refuse_several(sql: bytes) -> None:
    if len(sql) > STATEMENT_BYTES or b";" not in sql:
        return
    ended = False
    for token in _TOKEN.finditer(sql):
        if token.lastgroup == "gap":
            continue
        if ended and token[0] != b";":
            raise Refusal.named(
                62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)."
            )
        ended = ended or token[0] == b";"
