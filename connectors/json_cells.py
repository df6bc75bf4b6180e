"""JSON objects as rows: a column is a key, or a path of keys with dots between them.

Numbers and truth values become text, null and a missing key become "", lists and objects their
JSON.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from connectors.gathering import Parse, Refusal
from connectors.rows import Columns
from schemas.reasons import Reason

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
_MISSING: Final = ""


def json_cells(columns: Columns) -> Parse:
    """Parses one object."""
    paths = [columns.in_file(name) for name in columns.names]

    def parse(text: str) -> Sequence[str] | Refusal:
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            return Refusal(Reason.MALFORMED_ROW, f"the row is no JSON ({str(error)[:100]})")
        if not isinstance(row, dict):
            return Refusal(Reason.MALFORMED_ROW, "the row is JSON, but no object")
        return [_text(_at(row, path)) for path in paths]

    return parse


def _at(row: Mapping[str, Json], path: str) -> Json:
    if path in row:
        return row[path]
    found: Json = dict(row)
    for key in path.split("."):
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def _text(value: Json) -> str:
    match value:
        case str():
            return value
        case None:
            return _MISSING
        case bool():
            return str(int(value))
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
    return json.dumps(value, ensure_ascii=False)
