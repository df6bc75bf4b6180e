"""Headers of batches."""

import struct
from itertools import accumulate

import pytest
from aiokafka.record._crecords.cutil import crc32c_cython as crc32c
from hypothesis import example, given
from hypothesis import strategies as st

from broker.batches import HEADER, Batch, CorruptBatch, read_batches

PAYLOADS = (b"first", b"second one", b"third")
OUTSIDE = (*range(8), *range(12, 16))  # base offset and leader epoch: no checksum covers them


def wire(base: int, payload: bytes) -> bytes:
    """A batch of one record as it lies in the log."""
    covered = struct.pack(">hiqqqhii", 0, 0, 0, 0, -1, -1, -1, 1) + payload
    head = struct.pack(">qiibI", base, 9 + len(covered), 0, 2, crc32c(covered))
    return head + covered


LOG = [wire(base, payload) for base, payload in enumerate(PAYLOADS)]
STARTS = list(accumulate(map(len, LOG), initial=0))


@given(
    at=st.integers(0, STARTS[-1] - 1).filter(
        lambda at: at - max(start for start in STARTS if start <= at) not in OUTSIDE
    ),
    bit=st.integers(0, 7),
)
@example(at=8, bit=0)  # the first batch is longer than all that was sent
@example(at=11, bit=5)  # shorter than it is
def test_a_flipped_bit_is_found_and_what_lies_before_it_is_read(at: int, bit: int) -> None:
    damaged = bytearray(b"".join(LOG))
    damaged[at] ^= 1 << bit
    whole = sum(start <= at for start in STARTS) - 1
    batches = read_batches(memoryview(bytes(damaged)), origin="t[0]")
    before = [bytes(next(batches).payload) for _ in range(whole)]
    assert before == list(PAYLOADS[:whole])
    if whole == 0:
        with pytest.raises(CorruptBatch, match=r"t\[0\]: the batch at offset 0 "):
            next(batches)
    else:  # a batch that seems to be longer than the rest may have been cut by the fetch size
        try:
            left = list(batches)
        except CorruptBatch:
            return
        assert left == []


def test_a_batch_that_the_fetch_size_cut_is_left_for_the_next_fetch() -> None:
    cut = b"".join(LOG)[:-1]
    assert [one.base_offset for one in read_batches(memoryview(cut), origin="t[0]")] == [0, 1]
    assert HEADER.size == len(wire(0, b""))


def test_a_control_batch_that_compaction_has_emptied_ends_nothing() -> None:
    """The broker keeps its header for as long as it knows the producer."""
    emptied = Batch(
        base_offset=5,
        next_offset=6,
        records=0,
        codec=0,
        is_control=True,
        is_transactional=True,
        producer_id=1,
        max_timestamp=0,
        payload=memoryview(b""),
    )
    assert not emptied.is_abort_marker
