"""JSON lines: keys and paths become columns, and what is no object is refused."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.json_lines import JsonLinesReader
from connectors.lines import LINE_BYTES_LIMIT
from schemas.reasons import Reason
from tests.connectors.delimited.reading import read

READER = JsonLinesReader()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ('"x"', "x"),
        ("5", "5"),
        ("5.0", "5"),
        ("0.5", "0.5"),
        ("true", "1"),
        ("null", ""),
        ('["x"]', '["x"]'),
        ("1e400", "inf"),
    ],
)
def test_a_value_becomes_text(value: str, told: str) -> None:
    content = f'{{"a": {value}, "c": {{"d": {value}}}}}\n'.encode()
    assert read(content, ("a", "c.d", "gone"), reader=READER).rows == [(told, told, "")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[1]", Reason.MALFORMED_ROW),
        (b'{"a": ', Reason.MALFORMED_ROW),
        (b'{"a": ' + b"[" * 100_000 + b"}", Reason.MALFORMED_ROW),
        (b'{"a": ' + b"9" * 5000 + b"}", Reason.MALFORMED_ROW),
        (b'{"a": "\xff"}', Reason.WRONG_ENCODING),
        (b'{"a": "\\ud800"}', Reason.WRONG_ENCODING),
        (b'{"a": "' + b"x" * LINE_BYTES_LIMIT + b'"}', Reason.TOO_LARGE),
        (b'{"a": "' + b"x" * 20_000_000 + b'"}', Reason.TOO_LARGE),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_and_the_rest_is_read(
    line: bytes, reason: Reason
) -> None:
    found = read(b'{"a": 1}\n' + line + b'\r\n\n{"a": 2}', ("a",), reader=READER)
    assert found.rows == [("1",), ("2",)]
    assert found.lines == [1, 4]
    assert [(one, number) for one, number, _ in found.rejected] == [(reason, 2)]


@settings(max_examples=50)
@given(st.lists(st.fixed_dictionaries({"a": st.text(), "b": st.integers()})), st.integers(1, 40))
def test_what_is_written_comes_back_in_blocks_of_any_size(
    rows: list[dict[str, object]], size: int
) -> None:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    found = read(content, reader=JsonLinesReader(block_bytes=size))
    texts = [(str(row["a"]), str(row["b"])) for row in rows]
    assert found.rows == texts
    assert found.lines == list(range(1, len(rows) + 1))
