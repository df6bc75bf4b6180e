import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.local.clickhouse.refusal import Refusal
from deploy.local.clickhouse.statement import split

HEADS = (
    b"INSERT INTO t",
    b"insert into `a b`.`FORMAT` (`format`, x)",
    b"/* FORMAT CSV */ INSERT INTO t -- FORMAT CSV\n (a, format)",
    b"INSERT INTO FUNCTION null('a Int64 FORMAT')",
    b"INSERT INTO t (a) SETTINGS async_insert = 0, format_csv_delimiter = ';'",
)


@given(st.sampled_from(HEADS), st.binary(max_size=300))
def test_the_rows_of_an_insert_arrive_untouched(head: bytes, rows: bytes) -> None:
    statement = split(head + b" FORMAT ArrowStream\n" + rows)
    assert statement.text.strip() == head
    assert statement.data_format == "ArrowStream"
    assert statement.data == rows


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (b"INSERT INTO t FORMAT CSV 1,2", b"1,2"),
        (b"INSERT INTO t FORMAT CSV\r\n1,2", b"1,2"),
        (b"INSERT INTO t FORMAT CSV;\n1,2", b"1,2"),
        (b"INSERT INTO t FORMAT TSV\n\n\t", b"\n\t"),
        (b"INSERT INTO t FORMAT CSV", b""),
    ],
)
def test_one_line_break_after_the_format_is_not_data(sql: bytes, rows: bytes) -> None:
    assert split(sql).data == rows


@pytest.mark.parametrize(
    "sql",
    [
        b"SELECT 1 FORMAT Native",
        b"INSERT INTO t SELECT a FROM u FORMAT Null",
        b"INSERT INTO t VALUES (1, 'FORMAT CSV'); ",
        b"INSERT INTO t FROM INFILE 'x' FORMAT CSV",
        b"WITH 1 AS x SELECT x;",
        b"SELECT ';' AS a, \"b;c\" -- ; DROP TABLE t\n",
        b"ALTER TABLE t /* ; */ DROP COLUMN a",
    ],
)
def test_everything_else_goes_to_the_engine_as_it_came(sql: bytes) -> None:
    statement = split(sql)
    assert statement.text == sql
    assert statement.data_format is None


@pytest.mark.parametrize("sql", [b"SELECT 1; SELECT 2", b"DROP TABLE a;\n-- now b\nDROP TABLE b;"])
def test_several_statements_at_once_are_refused_as_the_server_refuses_them(sql: bytes) -> None:
    with pytest.raises(Refusal, match="Multi-statements are not allowed") as caught:
        split(sql)
    assert caught.value.code == 62


@pytest.mark.parametrize("sql", [b"", b"  \n", b"-- nothing"])
def test_a_request_without_a_statement_is_refused(sql: bytes) -> None:
    with pytest.raises(Refusal, match="holds no statement"):
        split(sql)


@pytest.mark.parametrize(
    ("sql", "reads_only"),
    [
        (b"select 1", True),
        (b"-- why\nWITH 1 AS x SELECT x", True),
        (b"INSERT INTO t SELECT 1", False),
        (b"OPTIMIZE TABLE t", False),
    ],
)
def test_only_reads_may_be_stopped_half_way(sql: bytes, reads_only: bool) -> None:
    assert split(sql).reads_only is reads_only
