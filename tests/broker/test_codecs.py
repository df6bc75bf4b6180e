"""What a batch's records are, once decompressed: a bound, a reason, and no other exception."""

import cramjam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.codecs import decompress
from schemas.errors import Undecodable
from schemas.reasons import Reason

LZ4 = 3
LIMIT_BYTES = 1 << 16

repetitive = st.builds(lambda part, times: part * times, st.binary(max_size=40), st.integers(0, 60))
contents = st.one_of(st.binary(max_size=6000), repetitive)


def frame_of(content: bytes) -> bytes:
    return bytes(cramjam.lz4.compress(content))


@given(contents)
def test_a_frame_of_any_content_gives_it_back(content: bytes) -> None:
    assert bytes(decompress(LZ4, memoryview(frame_of(content)), LIMIT_BYTES)) == content


@given(st.lists(contents.filter(bool), min_size=2, max_size=4))
def test_a_frame_of_several_blocks_is_read_to_its_end(parts: list[bytes]) -> None:
    frame = cramjam.lz4.Compressor()
    sent = b""
    for part in parts:
        frame.compress(part)
        sent += bytes(frame.flush())
    sent += bytes(frame.finish())
    assert bytes(decompress(LZ4, memoryview(sent), LIMIT_BYTES)) == b"".join(parts)


@given(contents, st.integers(1, 300))
def test_what_is_longer_than_the_limit_is_too_large(content: bytes, limit: int) -> None:
    frame = memoryview(frame_of(content))
    if len(content) <= limit:
        assert bytes(decompress(LZ4, frame, limit)) == content
        return
    with pytest.raises(Undecodable) as refused:
        decompress(LZ4, frame, limit)
    assert refused.value.reason is Reason.TOO_LARGE


@given(contents, st.data())
def test_a_damaged_frame_is_refused_or_gives_something_within_the_limit(
    content: bytes, data: st.DataObject
) -> None:
    frame = bytearray(frame_of(content))
    at = data.draw(st.integers(0, len(frame) - 1))
    frame[at] ^= data.draw(st.integers(1, 255))
    frame = frame[: data.draw(st.integers(0, len(frame)))]
    try:
        records = decompress(LZ4, memoryview(bytes(frame)), LIMIT_BYTES)
    except Undecodable:
        return
    assert len(records) <= LIMIT_BYTES


@given(contents, st.binary(min_size=1, max_size=12))
def test_what_follows_a_frame_is_not_passed_over_in_silence(content: bytes, rest: bytes) -> None:
    sent = frame_of(content) + rest
    try:
        expected = bytes(cramjam.lz4.decompress(sent))
    except cramjam.DecompressionError:
        with pytest.raises(Undecodable):
            decompress(LZ4, memoryview(sent), LIMIT_BYTES)
        return
    assert bytes(decompress(LZ4, memoryview(sent), LIMIT_BYTES)) == expected
