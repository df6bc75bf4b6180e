"""EZproxy's log, for the contract suite."""

from pathlib import Path
from typing import Final

from connectors.ezproxy.log import log_cells
from connectors.ezproxy.mapping import NEEDED, EzproxyLog
from connectors.lines import LineReader
from connectors.rows import Columns
from connectors.schemes import Scheme
from connectors.table import FileSource
from connectors.zones import Zone
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Case, Sample, lines_under

MAPPING: Final = EzproxyLog("ezproxy", Zone("Europe/London"), Columns(NEEDED), Scheme.USERNAME)
_PAGE: Final = "http://www.sciencedirect.com:80/science/journal"


def request(
    user: str,
    url: str = _PAGE,
    at: str = "30/Nov/2012:00:13:10 +0100",
    status: int = 200,
    more: str = "",
) -> bytes:
    return f'10.0.0.1 - {user} [{at}] "GET {url} HTTP/1.1" {status} 444{more}'.encode()


def build(folder: Path) -> FileSource:
    reader = LineReader(block_bytes=256, parser_of=log_cells)
    return FileSource("ezproxy.log", [folder / "ezproxy.log"], reader, MAPPING)


CASE: Final = Case(
    "ezproxy.log",
    (
        Sample(request("sam"), Kind.LIBRARY_LOAN),
        Sample(request("SAM", at="30/Nov/2012:01:13:10 +0100", status=302), Kind.LIBRARY_LOAN),
        Sample(request('"kim"', more=' "a browser" x'), Kind.LIBRARY_LOAN),
        Sample(request("sam", "https://login@Doi.org/10.1/2"), Kind.LIBRARY_LOAN),
        Sample(request("-"), "no_user"),
        Sample(request("auto"), "no_user"),
        Sample(request("sam", status=403), "refused"),
        Sample(request("sam", "/login?url=x"), "own_page"),
        Sample(request("sam", at="31/Nov/2012:00:13:10 +0100"), Reason.IMPOSSIBLE_DATE),
        Sample(request("sam", at="soon"), Reason.UNREADABLE_TIME),
        Sample(b"10.0.0.1 - sam GET / 200", Reason.MALFORMED_ROW),
        Sample(request("s\xe4m").replace(b"\xc3\xa4", b"\xe4"), Reason.WRONG_ENCODING),
    ),
    [(Scheme.USERNAME, "sam"), (Scheme.USERNAME, "kim")],
    lines_under(b"", "ezproxy.log"),
    build,
)
