"""JSON objects are rows wherever they stand, and what is damaged among them costs only itself."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.gathering import ROW_BYTES_LIMIT
from connectors.json_documents import JsonDocumentsReader
from schemas.reasons import Reason
from tests.connectors.delimited.reading import read

READER: Final = JsonDocumentsReader("loans")

Objects: TypeAlias = Sequence[Mapping[str, object]]


def _lines(objects: Objects) -> str:
    return "\n".join(map(json.dumps, objects))


def _envelope(objects: Objects, indent: int | None = 2) -> str:
    about = {"facets": [{"a": "no row"}], "totalRecords": 7}
    answer = {"at": "now", "totalRecords": 7, "loans": objects, "n": -1, "resultInfo": about}
    return json.dumps(answer, indent=indent)


LAYOUTS: Final[Sequence[Callable[[Objects], str]]] = (
    _lines,
    json.dumps,
    lambda objects: json.dumps(objects, indent=1),
    lambda objects: "".join(json.dumps(one, indent=4) for one in objects),
    _envelope,
    lambda objects: _envelope(objects, None),
    lambda objects: "".join(_envelope([one]) for one in objects),
)
TEXTS: Final = st.text() | st.sampled_from(["{", "}", '"', "\\", '\\"', "[", '"loans":['])
OBJECTS: Final = st.lists(st.fixed_dictionaries({"a": TEXTS, "b": st.integers()}))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LAYOUTS), OBJECTS, st.integers(1, 60))
def test_objects_come_back_however_they_are_laid_out_and_read(
    layout: Callable[[Objects], str], objects: list[dict[str, object]], size: int
) -> None:
    nested = [{**one, "c": {"d": [one]}} for one in objects]
    reader = JsonDocumentsReader("loans", block_bytes=size)
    found = read(layout(nested).encode(), reader=reader)
    assert found.rows == [(str(one["a"]), str(one["b"])) for one in objects]
    assert found.rejected == []
    assert all(json.loads(raw) == one for raw, one in zip(found.raws, nested, strict=True))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"a": 1, "b"}', Reason.MALFORMED_ROW),
        (b'{"a": 1, "b": 2', Reason.MALFORMED_ROW),
        (b'{"a": "1, "b": 2}', Reason.MALFORMED_ROW),
        (b"null", Reason.MALFORMED_ROW),
        (b'{"a": "\xff"}', Reason.WRONG_ENCODING),
        (b'{"a": "' + b"x" * ROW_BYTES_LIMIT + b'"}', Reason.TOO_LARGE),
    ],
)
def test_a_damaged_object_is_refused_and_the_ones_around_it_are_read(
    bad: bytes, reason: Reason
) -> None:
    for size in (10 + len(bad) // 20, 4 << 20):
        content = b'{"a": 1, "b": 1}\n' + bad + b'\n{"a": 3, "b": 3}\n'
        found = read(content, reader=JsonDocumentsReader("loans", block_bytes=size))
        assert found.rows == [("1", "1"), ("3", "3")]
        assert found.lines == [1, 3]
        assert [(one, line) for one, line, _ in found.rejected] == [(reason, 2)]


def test_of_an_answer_cut_short_the_whole_objects_are_read() -> None:
    content = _envelope([{"a": n, "b": n} for n in range(3)]).encode()
    found = read(content[: content.rindex(b'"b"')], reader=READER)
    assert found.rows == [("0", "0"), ("1", "1")]
    assert [reason for reason, _, _ in found.rejected] == [Reason.BROKEN_OFF]


@settings(max_examples=100, deadline=None)
@given(st.text('{}[]",:\\ \nal1') | st.text(), st.integers(1, 30))
def test_no_text_whatever_makes_it_fail(text: str, size: int) -> None:
    read(text.encode("utf-8", "replace"), reader=JsonDocumentsReader("loans", block_bytes=size))
    whole = read(text.encode("utf-8", "replace"), reader=READER)
    assert all(raw for raw in whole.raws)
