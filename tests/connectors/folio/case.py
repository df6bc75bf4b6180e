"""FOLIO's loans, for the contract suite."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from connectors.folio.mapping import LIST, NAMES, NEEDED, OPTIONAL, FolioLoans
from connectors.json_documents import JsonDocumentsReader
from connectors.rows import Columns
from connectors.schemes import Scheme
from connectors.table import FileSource
from connectors.zones import Zone
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Case, Sample

MAPPING: Final = FolioLoans(
    "folio",
    Zone("Europe/London"),
    Columns(NEEDED, OPTIONAL, NAMES),
    Scheme.STUDENT,
    {"u-1": "S1", "u-2": "S2"},
)


def loan(number: str, user: str | None = "u-1", item: str = "i-1", **other: object) -> bytes:
    """A loan as the service writes it, over several lines."""
    fields: dict[str, object] = {
        "id": number,
        "userId": user,
        "itemId": item,
        "loanDate": "2017-03-01T23:11:00.000+00:00",
        "action": "checkedout",
        "status": {"name": "Open"},
        "note": 'a "}" in it',
    }
    shown = {name: value for name, value in (fields | other).items() if value is not None}
    return json.dumps(shown, indent=2).encode()


def write(folder: Path, rows: Sequence[bytes]) -> None:
    answer = b'{\n"loans": [\n' + b",\n".join(rows) + b'\n],\n"totalRecords": %d\n}' % len(rows)
    (folder / "loans.json").write_bytes(answer)


def build(folder: Path) -> FileSource:
    reader = JsonDocumentsReader(LIST, block_bytes=300)
    return FileSource("folio.loans", [folder / "loans.json"], reader, MAPPING)


CASE: Final = Case(
    "folio.loans",
    [
        Sample(loan("1"), Kind.LIBRARY_LOAN),
        Sample(loan("2", action="renewed", renewalCount=1), Kind.LIBRARY_LOAN),
        Sample(loan("3", user="u-2", loanDate="2017-02-03T08:43:15Z"), Kind.LIBRARY_LOAN),
        Sample(loan("4", item="i-2", library="Main <b>Library</b>"), Kind.LIBRARY_LOAN),
        Sample(loan("5", user=None, action="checkedin"), "anonymised"),
        Sample(loan("6", user="u-9"), Reason.UNKNOWN_VALUE),
        Sample(loan("7", item="<i>1</i>"), Reason.MARKUP),
        Sample(loan("8", loanDate=None), Reason.MISSING_VALUE),
        Sample(loan("9", loanDate="2017-13-12T00:00:00Z"), Reason.IMPOSSIBLE_DATE),
        Sample(loan("10", loanDate="soon"), Reason.UNREADABLE_TIME),
        Sample(b'{"id": "11", "itemId": 12 13}', Reason.MALFORMED_ROW),
        Sample(b'{"id": "12", "userId": "u-1\xff"}', Reason.WRONG_ENCODING),
    ],
    [(Scheme.STUDENT, "S1"), (Scheme.STUDENT, "S2")],
    write,
    build,
)
