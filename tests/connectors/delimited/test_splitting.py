"""The fast path says what the exact one says; and that is what the format means."""

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.delimited import exact, fast
from connectors.delimited.reader import DelimitedReader
from connectors.delimited.split import Split
from tests.connectors.delimited.reading import read
from tests.connectors.delimited.texts import CELLS, MESSY, quoted

COMMA = ord(",")


def plain(split: Split) -> tuple[object, ...]:
    arrays = (split.starts.tolist(), split.ends.tolist(), split.lines.tolist())
    return (*arrays, split.bad, split.consumed, split.lines_consumed)


@settings(max_examples=400)
@given(MESSY, st.integers(1, 3))
def test_the_fast_path_gives_what_the_exact_one_gives_or_nothing(text: bytes, width: int) -> None:
    split = fast.split(text, width, COMMA)
    if split is not None:
        assert plain(split) == plain(
            exact.split(text, width, COMMA, at_end=False, is_final=False, until=split.consumed)
        )


@settings(max_examples=100)
@given(st.lists(MESSY, max_size=4), st.integers(1, 64))
def test_a_file_reads_the_same_by_either_path_and_in_any_window(
    parts: list[bytes], window: int
) -> None:
    content = b"a,b\n" + b"\n".join(parts)
    told = read(content, reader=DelimitedReader(is_fast=False))
    assert read(content) == told
    assert read(content, reader=DelimitedReader(window_bytes=window)) == told


@settings(max_examples=100)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=8), st.sampled_from(["\n", "\r\n", "\r"]))
def test_whatever_is_quoted_properly_comes_back_as_it_was(
    rows: list[tuple[str, str]], end: str
) -> None:
    lines = ["a,b", *(",".join(map(quoted, row)) for row in rows)]
    text = "".join(line + end for line in lines)
    found = read(text.encode())
    assert found.rows == rows
    assert found.rejected == []
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == [list(r) for r in rows]


@given(st.lists(st.sampled_from(["x,y", '"x\ny",z', "", "  ", "x", '"x', "p,q,r"]), max_size=10))
def test_every_line_is_accounted_for_under_its_number(lines: list[str]) -> None:
    content = "a,b\n" + "".join(line + "\n" for line in lines)
    found = read(content.encode())
    physical = content.split("\n")
    starts = sorted([*found.lines, *(line for _, line, _ in found.rejected)])
    assert len(set(starts)) == len(starts)
    for line, raw in [
        *zip(found.lines, found.raws, strict=True),
        *((n, r) for _, n, r in found.rejected),
    ]:
        assert physical[line - 1] == raw.decode().split("\n")[0]
    covered = {
        number
        for line, raw in [
            *zip(found.lines, found.raws, strict=True),
            *((n, r) for _, n, r in found.rejected),
        ]
        for number in range(line, line + raw.count(b"\n") + 1)
    }
    blank = {number for number, text in enumerate(physical, 1) if not text.strip()}
    assert covered | blank == set(range(2, len(physical) + 1)) | (blank - {1})
