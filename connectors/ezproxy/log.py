"""A line of EZproxy's access log: the default `LogFormat`, and all that only add to its end.

`%h %l %u %t "%r" %s %b`: host or session, login, user, time, request, status, bytes.
"""

import re
from collections.abc import Sequence
from typing import Final

from connectors.gathering import Parse, Refusal
from connectors.rows import Columns
from schemas.reasons import Reason

_LINE: Final = re.compile(
    r'\S+ \S+ (?P<user>"[^"]*"|\S+) \[(?P<time>[^\]]*)\]'
    r' "(?P<method>\S+) (?P<url>\S+)(?: [^"]*)?" (?P<status>\d{3})(?: .*)?\s*\Z'
)
_PROBLEM: Final = (
    'the line is not of EZproxy\'s default LogFormat (%h %l %u %t "%r" %s %b): set that, or a form'
    " that adds to its end"
)
_NOBODY: Final = ("-", "auto")
"""Who was not asked for a name: nobody, and whoever came from an address that is let through."""


def log_cells(columns: Columns) -> Parse:
    """Parses one line. Columns: user, time, method, url, status."""
    names = [columns.in_file(name) for name in columns.names]

    def parse(text: str) -> Sequence[str] | Refusal:
        found = _LINE.match(text)
        if found is None:
            return Refusal(Reason.MALFORMED_ROW, _PROBLEM)
        cells = found.groupdict()
        user = cells["user"].strip('"')
        cells["user"] = "" if user in _NOBODY else user
        # 30/Nov/2012:00:13:10 +0100
        cells["time"] = cells["time"].replace("/", " ").replace(":", " ", 1)
        return [cells.get(name, "") for name in names]

    return parse
