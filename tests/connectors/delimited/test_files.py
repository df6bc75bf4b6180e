"""Every fault of a file that the issue names: its reason, and that its neighbours are read."""

import gzip
import lzma
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.delimited.reader import DelimitedReader
from connectors.delimited.split import ROW_BYTES_LIMIT
from connectors.json_lines import JsonLinesReader
from connectors.rows import RAW_BYTES_LIMIT, Columns
from connectors.text import Encoding
from connectors.unpacking import unpacked
from schemas.reasons import Reason
from tests.connectors.delimited.reading import read, together

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

TEXT = "a,b\nétude,1\nsmörgås,2\n"
ROWS = [("étude", "1"), ("smörgås", "2")]
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "zst": zstd.compress,
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_says_what_the_encoding_is(encoding: str) -> None:
    assert read(TEXT.encode(encoding)).rows == ROWS


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le", "utf-16-be"])
def test_another_encoding_is_read_when_it_is_declared(encoding: Encoding) -> None:
    reader = DelimitedReader(encoding)
    found = read(TEXT.encode(encoding), reader=reader)
    assert found.rows == ROWS
    assert found.raws[0].decode(encoding) == "étude,1"


def test_what_is_not_utf_8_is_rejected_and_never_guessed() -> None:
    found = read(b"a,b\nx,1\n" + "étude,1\n".encode("cp1252") + b"y,2\n")
    assert found.rows == [("x", "1"), ("y", "2")]
    assert found.rejected == [(Reason.WRONG_ENCODING, 3, "étude,1".encode("cp1252"))]


def test_a_letter_that_the_declared_encoding_does_not_have_spoils_its_row_only() -> None:
    found = read(b"a,b\nx\x81,1\ny,2\n", reader=DelimitedReader("cp1252"))
    assert found.rows == [("y", "2")]
    assert [(reason, line) for reason, line, _ in found.rejected] == [(Reason.WRONG_ENCODING, 2)]


def test_line_ends_may_be_mixed_and_fields_may_hold_them() -> None:
    found = read(b'a,b\r\n1,2\r3,"4\r\n5"\n6,7')
    assert found.rows == [("1", "2"), ("3", "4\r\n5"), ("6", "7")]
    assert found.lines == [2, 3, 5]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_columns_may_stand_in_any_order_with_others_between(delimiter: str) -> None:
    lines = [["x", "B ", "y", "A"], ["-", "2", "-", "1"]]
    content = "\n".join(delimiter.join(line) for line in lines).encode()
    assert read(content).rows == [("1", "2")]


def test_a_missing_column_is_said_once_for_the_file() -> None:
    found = read(b"a,c\n1,2\n3,4\n")
    assert found.rows == []
    assert found.rejected == [(Reason.MISSING_COLUMN, 1, b"a,c")]


def test_a_column_that_stands_there_twice_is_refused_unless_it_is_not_needed() -> None:
    assert read(b"a,b,a\n1,2,3\n").rejected == [(Reason.REPEATED_COLUMN, 1, b"a,b,a")]
    assert read(b"a,b,x,x\n1,2,3,4\n").rows == [("1", "2")]


def test_an_empty_file_holds_nothing() -> None:
    assert read(b"") == read(b"\n\n") == ([], [], [], [])


def test_a_quote_that_is_never_closed_spoils_its_own_line_and_no_other() -> None:
    rows = b"".join(b"%d,x\n" % n for n in range(2000))
    found = read(b'a,b\n"never,closed\n' + rows)
    assert len(found.rows) == 2000
    assert found.rejected == [(Reason.BROKEN_QUOTES, 2, b'"never,closed')]


@pytest.mark.parametrize("size", [ROW_BYTES_LIMIT + 1, 10_000_000, 40_000_000])
@pytest.mark.parametrize("frame", [b"%s", b'"%s"'])
def test_a_field_of_megabytes_is_refused_and_the_rest_is_read(size: int, frame: bytes) -> None:
    found = read(b"a,b\n1,2\n" + frame % (b"x" * size) + b",3\n4,5\n")
    assert found.rows == [("1", "2"), ("4", "5")]
    assert found.lines == [2, 4]
    (rejected,) = found.rejected
    assert rejected[:2] == (Reason.TOO_LARGE, 3)
    assert len(rejected[2]) == RAW_BYTES_LIMIT


def test_a_quoted_field_of_megabytes_with_lines_is_one_row() -> None:
    found = read(b'a,b\n"' + b"x\n" * 5_000_000 + b'",3\n4,5\n')
    assert found.rows == [("4", "5")]
    assert [(reason, line) for reason, line, _ in found.rejected] == [(Reason.TOO_LARGE, 2)]


@pytest.mark.parametrize("packer", PACKERS)
def test_a_packed_file_is_read_whatever_it_is_called(packer: str) -> None:
    assert read(PACKERS[packer](TEXT.encode())).rows == ROWS


@pytest.mark.parametrize("packer", PACKERS)
@settings(max_examples=15)
@given(data=st.data())
def test_a_packed_file_that_is_cut_short_gives_its_beginning_and_says_so(
    packer: str, data: st.DataObject
) -> None:
    rows = b"".join(b"%d,%x\n" % (n, n * n * 7919 % 65_537) for n in range(5000))
    packed = PACKERS[packer](b"a,b\n" + rows)
    kept = data.draw(st.integers(8, len(packed) - 9))
    found = read(packed[:kept])
    (rejected,) = found.rejected
    assert rejected[0] is Reason.BROKEN_OFF
    assert rejected[1] == (found.lines[-1] + 1 if found.lines else rejected[1])
    whole = read(b"a,b\n" + rows)
    assert found.rows == whole.rows[: len(found.rows)]


def test_damage_within_a_packed_file_is_no_exception() -> None:
    packed = bytearray(gzip.compress(b"a,b\n" + b"1,2\n" * 100_000, 0))
    packed[len(packed) // 2] ^= 0xFF
    found = read(bytes(packed))
    assert found.rejected[-1][0] is Reason.BROKEN_OFF  # its checksum says so


@settings(max_examples=80)
@given(st.binary(max_size=300), st.booleans(), st.sampled_from(["", "a,b\n", "a\tb\r\n"]))
def test_no_bytes_whatever_make_a_reader_fail(
    content: bytes, is_growing: bool, header: str
) -> None:
    for encoding in ("utf-8", "cp1252", "utf-16-le"):
        reader = DelimitedReader(encoding, window_bytes=32)
        read(header.encode() + content, reader=reader, is_growing=is_growing)
        read(
            content,
            reader=JsonLinesReader(encoding, block_bytes=16),
            is_growing=is_growing,
        )
    for packer in PACKERS.values():
        packed = bytearray(packer(header.encode() + content))
        at = len(content) % len(packed)
        packed[at] ^= 0x55
        read(bytes(packed))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n")
        for _ in range(20):
            file.write(b"1,2\n" * 200_000)
    largest = 0
    for chunk in DelimitedReader().read(path, Columns(("a", "b")), None, is_growing=False):
        largest = max(largest, len(chunk.rows))
    assert largest <= 2**20


def test_a_file_is_unpacked_from_any_place(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(b"0123456789"))
    with unpacked(path, 4) as stream:
        assert stream.read1(100) == b"456789"


def test_reading_goes_on_at_every_place(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    columns = Columns(("a", "b"))
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_bytes(("a,b\n" + "é,1\n\n" * 30 + '"x\ny",2\n' * 30).encode(encoding))
        reader = DelimitedReader(window_bytes=64)
        chunks = list(reader.read(path, columns, None, is_growing=False))
        assert len(chunks) > 5
        for number, chunk in enumerate(chunks, 1):
            rest = list(reader.read(path, columns, chunk.place, is_growing=False))
            assert together(rest) == together(chunks[number:])
