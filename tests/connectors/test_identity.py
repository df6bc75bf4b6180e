"""Ids and pseudonyms: the same whenever they are made, and no two alike."""

import hashlib
import hmac
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.identity import SiteKey, event_ids, pseudonyms
from connectors.messages import KeyPart, messages
from schemas.columns import Coded
from schemas.errors import SettingsError, SourceError
from schemas.types import STUDENT_ID_LIMIT, Kind
from tests.connectors.world import SITE_KEY

PARTS = st.lists(st.text(max_size=5) | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=5)


def columns_of(rows: list[list[str | int]]) -> list[KeyPart]:
    """The same tuples, given as columns; all have to be alike in their types."""
    columns: list[KeyPart] = []
    for values in zip(*rows, strict=True):
        texts = [value for value in values if isinstance(value, str)]
        if texts:
            distinct = sorted(set(texts))
            columns.append(Coded(np.array([distinct.index(text) for text in texts]), distinct))
        else:
            columns.append(np.array(values, np.int64))
    return columns


@given(PARTS, PARTS)
def test_different_tuples_are_encoded_differently(
    one: list[str | int], other: list[str | int]
) -> None:
    assert (messages(one, 1) == messages(other, 1)) == (one == other)


@given(st.data())
def test_a_part_is_encoded_alike_as_a_column_and_as_one_value(data: st.DataObject) -> None:
    types = data.draw(st.lists(st.booleans(), min_size=1, max_size=4))
    text, number = st.text(max_size=4), st.integers(-(2**63), 2**63 - 1)
    row = st.tuples(*(text if is_text else number for is_text in types)).map(list)
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    assert messages(columns_of(rows), len(rows)) == [messages(one, 1)[0] for one in rows]


def test_an_id_is_the_beginning_of_an_hmac_over_all_that_names_the_event() -> None:
    ids = event_ids(
        SITE_KEY,
        ("vle", Coded(np.array([0, 1]), ["AAA", "B"]), np.array([7, -1])),
        student=np.array([5, 2**53 - 1]),
        kind=Kind.MOODLE_COURSE,
        occurred_at=np.array([1_380_625_200_000, 0]),
    )

    def text(value: str) -> bytes:
        return b"s" + struct.pack(">I", len(value)) + value.encode()

    def number(value: int) -> bytes:
        return b"i" + struct.pack(">q", value)

    rows = [("AAA", 7, 5, 1_380_625_200_000), ("B", -1, 2**53 - 1, 0)]
    for found, (module, key, student, moment) in zip(ids, rows, strict=True):
        named = text("event") + number(3) + text("vle") + text(module) + number(key)
        named += number(student) + text("moodle_course") + number(moment)
        assert found.tobytes() == hmac.digest(SITE_KEY.secret, named, hashlib.sha256)[:16]


@pytest.mark.parametrize("size", [32, 64, 65, 200])
def test_keys_of_any_length_are_used_as_hmac_uses_them(size: int) -> None:
    secret = bytes(range(size))
    (found,) = pseudonyms(SiteKey(secret), "oulad", ["11391"])
    digest = hmac.digest(secret, b"student\0oulad\x0011391", hashlib.sha256)
    assert found == int.from_bytes(digest, "big") % STUDENT_ID_LIMIT


def test_another_key_gives_other_ids_and_pseudonyms() -> None:
    other = SiteKey(b"other" * 8)
    names = [str(number) for number in range(100)]
    ours, theirs = (pseudonyms(key, "oulad", names) for key in (SITE_KEY, other))
    assert not set(ours.tolist()) & set(theirs.tolist())


def test_pseudonyms_fit_in_json() -> None:
    found = pseudonyms(SITE_KEY, "oulad", [str(number) for number in range(10_000)])
    assert found.min() >= 0
    assert STUDENT_ID_LIMIT // 2 < found.max() < STUDENT_ID_LIMIT


def test_two_students_under_one_pseudonym_are_an_error_that_names_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connectors.identity.STUDENT_ID_LIMIT", 1)
    with pytest.raises(SourceError, match="the oulad students 11 and 12 get the same pseudonym"):
        pseudonyms(SITE_KEY, "oulad", ["11", "12"])


def test_nobody_gets_no_pseudonym() -> None:
    assert len(pseudonyms(SITE_KEY, "oulad", [])) == 0


def test_a_short_key_is_refused() -> None:
    with pytest.raises(SettingsError, match="has 8 bytes; give it at least 32"):
        SiteKey(b"12345678")


def test_the_key_does_not_show() -> None:
    assert "secret" not in repr(SiteKey(b"secret" * 6))
