import json

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sinks.details import details

TEXTS = st.none() | st.text(max_size=8)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "module": TEXTS,
            "attempt": st.none() | st.integers(-(2**31), 2**31 - 1),
            "renewal": st.none() | st.booleans(),
            "object": TEXTS,
        }
    ),
    max_size=12,
)
SCHEMA = {"module": pl.String, "attempt": pl.Int32, "renewal": pl.Boolean, "object": pl.String}


@given(rows=ROWS)
def test_details_are_the_fields_that_are_not_null_row_by_row(
    rows: list[dict[str, object]],
) -> None:
    texts = details(pl.DataFrame(rows, schema=SCHEMA))
    assert texts.dtype == pl.String
    expected = [{name: value for name, value in row.items() if value is not None} for row in rows]
    assert [json.loads(text) for text in texts] == expected
    assert [list(json.loads(text)) for text in texts] == [
        [name for name in SCHEMA if name in row] for row in expected
    ]


def test_many_rows_that_lack_different_fields_stay_in_their_order() -> None:
    numbers = range(10_000)
    rows = [
        {
            "module": f"m{n}" if n % 2 else None,
            "attempt": n if n % 3 else None,
            "renewal": None,
            "object": None,
        }
        for n in numbers
    ]
    texts = details(pl.DataFrame(rows, schema=SCHEMA)).to_list()
    assert [json.loads(text).get("attempt") for text in texts] == [
        n if n % 3 else None for n in numbers
    ]
    assert texts[0] == "{}"
