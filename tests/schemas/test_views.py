import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from schemas.views import byte_lengths, fixed_bytes, is_valid

VALUES = st.lists(st.none() | st.binary(max_size=40), max_size=50)
CUTS = st.tuples(st.integers(0, 50), st.integers(0, 50))


@given(VALUES, CUTS)
def test_lengths_and_nulls_are_those_of_the_values(
    values: list[bytes | None], cut: tuple[int, int]
) -> None:
    part = slice(min(cut), max(cut))
    column = pl.Series("values", values, pl.Binary)[part]
    expected = values[part]
    assert is_valid(column).tolist() == [value is not None for value in expected]
    found = byte_lengths(column)[is_valid(column)].tolist()
    assert found == [len(value) for value in expected if value is not None]


@given(st.text(max_size=30))
def test_lengths_of_strings_are_in_bytes(text: str) -> None:
    assert byte_lengths(pl.Series("texts", [text], pl.String)).tolist() == [len(text.encode())]


@given(st.integers(1, 40), st.integers(0, 30), CUTS, st.data())
def test_values_of_one_size_are_a_matrix(
    size: int, count: int, cut: tuple[int, int], data: st.DataObject
) -> None:
    one = st.binary(min_size=size, max_size=size)
    values = data.draw(st.lists(one, min_size=count, max_size=count))
    part = slice(min(cut), max(cut))
    found = fixed_bytes(pl.Series("values", values, pl.Binary)[part], size)
    assert found is not None
    assert [row.tobytes() for row in np.ascontiguousarray(found)] == values[part]


@given(st.integers(1, 40), VALUES)
def test_values_of_other_sizes_or_nulls_are_none(size: int, values: list[bytes | None]) -> None:
    odd = any(value is None or len(value) != size for value in values)
    assert (fixed_bytes(pl.Series("values", values, pl.Binary), size) is None) == odd
