import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.statements import statements


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("", []),
        (" ;; -- nothing; here\n /* nor; here */ ;", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1; SELECT 2;\n", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';', \";\", `;`; SELECT 2", ["SELECT ';', \";\", `;`", "SELECT 2"]),
        (
            r"SELECT 'it\'s; one', 'two''s; too'; SELECT 2",
            [r"SELECT 'it\'s; one', 'two''s; too'", "SELECT 2"],
        ),
        (
            "-- first; of two\nSELECT 1; SELECT /* ; */ 2",
            ["-- first; of two\nSELECT 1", "SELECT /* ; */ 2"],
        ),
    ],
)
def test_a_semicolon_ends_a_statement_unless_it_is_quoted_or_commented(
    sql: str, found: list[str]
) -> None:
    assert statements(sql) == found


_PIECES = st.sampled_from(["SELECT 1", "';'", '";"', "`;`", "/*;*/ x", "--;\n y", r"'\';'"])


@given(parts=st.lists(st.lists(_PIECES, min_size=1).map(" ".join), max_size=5))
def test_what_was_joined_by_semicolons_comes_apart_at_them(parts: list[str]) -> None:
    assert statements(";\n".join(parts)) == parts
