"""Texts that repeat are taken once, many of them as few of them."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.coding import coded

TEXTS = st.lists(st.sampled_from(["", "a", "b", "é", "\0", "aa"]) | st.text(max_size=3), max_size=9)


@settings(max_examples=30)
@given(TEXTS, st.sampled_from([1, 3000]), st.booleans())
def test_each_text_stands_where_it_stood(texts: list[str], times: int, is_series: bool) -> None:
    many = texts * times
    found = coded(pl.Series(many, dtype=pl.String) if is_series else many)
    assert list(found.values) == list(dict.fromkeys(texts))
    assert [found.values[code] for code in found.codes.tolist()] == many


def test_thousands_that_all_differ_keep_their_order() -> None:
    texts = [str(number) for number in range(5000, 0, -1)]
    found = coded(texts)
    assert list(found.values) == texts
    assert found.codes.tolist() == list(range(5000))
