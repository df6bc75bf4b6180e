"""A file of SQL, cut into its statements: ClickHouse takes one a request."""

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"""
    (?P<gap>\s+ | --[^\n]* | /\*.*?\*/)
  | (?P<quoted>'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `(?:[^`\\]|\\.)*`)
  | (?P<end>;)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def statements(sql: str) -> list[str]:
    """The statements of a text, without the semicolons between them.

    A semicolon within quotes or a comment ends nothing. Comments before a statement stay with it;
    what is only comments is no statement.
    """
    found: list[str] = []
    start, says_something = 0, False
    for token in _TOKEN.finditer(sql):
        if token.lastgroup == "end":
            if says_something:
                found.append(sql[start : token.start()].strip())
            start, says_something = token.end(), False
        elif token.lastgroup != "gap":
            says_something = True
    if says_something:
        found.append(sql[start:].strip())
    return found
