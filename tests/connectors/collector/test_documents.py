"""JSON, ids and nulls are what they are to Python's own reader, which is held beside ours."""

import json
from typing import NoReturn
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.collector import documents
from connectors.collector.refusal import Invalid
from tests.connectors.collector.test_mapping import JSON

PIECES = st.sampled_from(
    [
        *("[", "]", "{", "}", ",", ":", " ", "\n", '"', '"a"', '"a":', "null", "true", "NaN"),
        *("Infinity", "0", "-0", "01", "1.5", "1e5", "1e999", "-", "9" * 30, "9" * 4301, "."),
        *('"\\ud800"', '"\\ud83d\\ude00"', '"\\u0000"', '"\t"', '"é"', "\ufeff"),
    ]
)


def _refused(text: str) -> NoReturn:
    raise ValueError(text)


def of_python(body: bytes) -> object:
    """What Python reads, as a text that is one for equal documents only; None where it is none."""
    try:
        document = json.loads(body.decode(), parse_constant=_refused)
        json.dumps(document, ensure_ascii=False).encode()  # fails on halves of surrogate pairs
    except ValueError:
        return None
    return repr(document)


def of_ours(body: bytes) -> object:
    try:
        return repr(documents.parse(body))
    except Invalid:
        return None


@given(st.lists(PIECES, max_size=8).map("".join).map(str.encode) | st.binary(max_size=8))
@example(b'{"a": 1, "b": 2, "a": 3}')
@example(b'["\xff"]')
def test_bytes_are_json_where_python_says_so_and_the_same(body: bytes) -> None:
    assert of_ours(body) == of_python(body)


@given(JSON, st.booleans())
def test_a_document_is_read_as_it_was_written(document: object, is_ascii: bool) -> None:
    body = json.dumps(document, ensure_ascii=is_ascii).encode()
    assert of_ours(body) == of_python(body)


@pytest.mark.parametrize(("levels", "is_read"), [(200, True), (201, False)])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_documents_are_read_as_deep_as_they_can_be_written_again(
    levels: int, is_read: bool, opening: bytes, closing: bytes
) -> None:
    body = opening * levels + b"1" + closing * levels
    if is_read:
        document = documents.parse(body)
        assert documents.canonical(document) == body
        assert documents.null(document) is None
    else:
        with pytest.raises(Invalid, match="levels"):
            documents.parse(body)


@given(
    st.uuids().map(str)
    | st.uuids().map(lambda one: str(one).upper())
    | st.from_regex(r"[0-9a-f_{}-]{30,38}", fullmatch=True)
    | st.text(alphabet="0123456789abcdefABCDEF-\u0661", max_size=36)
)
@example("00000000-0000-4000-8000-00000000000\u0661")
@example("00000000-0000-4000-8000-000000000001\n")
def test_a_uuid_is_what_is_written_as_python_writes_it(text: str) -> None:
    try:
        expected = str(UUID(text))
    except ValueError:
        expected = ""
    if expected and expected == text.lower():
        assert documents.uuid(text, "id") == expected
    else:
        with pytest.raises(Invalid, match="id"):
            documents.uuid(text, "id")


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"a": {"extensions": {"b": None}}}, None),
        ({"extensions": None}, None),
        ({"a": [1, {"b": None}]}, "a.1.b"),
        (None, ""),
    ],
)
def test_null_is_found_where_it_is_said_extensions_aside(
    document: object, place: str | None
) -> None:
    assert documents.null(document) == place
