"""Rows that are read many at a time are those that each line holds by itself."""

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from connectors.oulad.rows import Rows, read_rows

HEADERS = [["a"], ["a", "b"], ["a", "b", "c"]]
PLAIN = st.sampled_from([b"", b"1", b"x y", "é".encode()])
ANY = PLAIN | st.sampled_from([b'"', b'"q,q"', b"\xff", b"\r", b" "])
LINES = st.lists(st.lists(PLAIN, min_size=2, max_size=2).map(b",".join), max_size=5) | st.lists(
    st.lists(ANY, min_size=1, max_size=3).map(b",".join), max_size=5
)


def _by_line(raw: bytes, fields: int) -> list[str] | None:
    """What a line says; None where it is no row."""
    try:
        text = raw.removesuffix(b"\r").decode()
        found = next(csv.reader([text], strict=True)) if '"' in text else text.split(",")
    except (UnicodeDecodeError, csv.Error):
        return None
    return found if len(found) == fields else None


@example(["a", "b"], [b"1,1", b"1", b"1,1,1", b"1,1"], b"\n")
@given(st.sampled_from(HEADERS), LINES, st.sampled_from([b"\n", b"\r\n"]))
def test_a_row_is_what_its_line_says(header: list[str], lines: list[bytes], end: bytes) -> None:
    content = end.join([",".join(header).encode(), *lines, b""])
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        file.write_bytes(content)
        found: dict[int, list[str]] = {}
        refused: set[int] = set()
        for part in read_rows(file, header[::-1]):
            if isinstance(part, Rows):
                assert list(part.columns) == header[::-1]
                cells = zip(*(part.columns[name] for name in header), strict=True)
                found |= dict(zip(part.lines, map(list, cells), strict=True))
                assert len(part.raw) == len(part.lines)
            else:
                assert part.line is not None
                refused.add(part.line)
    physical = content.split(b"\n")[1:]
    if not physical[-1]:
        physical.pop()
    wanted = {line: _by_line(raw, len(header)) for line, raw in enumerate(physical, 2)}
    assert found == {line: row for line, row in wanted.items() if row is not None}
    blank = {line for line, raw in enumerate(physical, 2) if not raw.strip()}
    assert refused == {line for line, row in wanted.items() if row is None} - blank
