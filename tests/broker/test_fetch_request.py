"""Fetch requests and responses are byte for byte those of aiokafka's own schema."""

from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v11, FetchResponse_v11
from hypothesis import given
from hypothesis import strategies as st

from broker.fetch_request import PackedFetch, PackedFetchRequest, PackedFetchResponse

INT16 = st.integers(-(2**15), 2**15 - 1)
INT32 = st.integers(-(2**31), 2**31 - 1)
INT64 = st.integers(-(2**63), 2**63 - 1)
NAMES = st.text(st.characters(codec="utf-8"), max_size=40)


@given(
    wait_ms=INT32,
    least=INT32,
    most=INT32,
    isolation=st.integers(0, 1),
    topics=st.lists(st.tuples(NAMES, st.lists(st.tuples(INT32, INT64, INT32), max_size=5))),
    rack=NAMES,
)
def test_a_request_is_the_same_bytes(
    *,
    wait_ms: int,
    least: int,
    most: int,
    isolation: int,
    topics: list[tuple[str, list[tuple[int, int, int]]]],
    rack: str,
) -> None:
    packed, plain = (
        request(wait_ms, least, most, isolation, topics, rack).build(FetchRequest_v11)
        for request in (PackedFetchRequest, FetchRequest)
    )
    assert isinstance(packed, PackedFetch)
    assert packed.encode() == plain.encode()


ANSWERED = st.tuples(
    INT32,
    INT16,
    INT64,
    INT64,
    INT64,
    st.none() | st.lists(st.tuples(INT64, INT64), max_size=4),
    INT32,
    st.binary(max_size=50),
)


@given(INT32, INT16, INT32, st.lists(st.tuples(NAMES, st.lists(ANSWERED, max_size=4)), max_size=4))
def test_a_response_has_the_same_fields(
    throttle_ms: int, error: int, session: int, topics: list[tuple[str, list[object]]]
) -> None:
    plain = FetchResponse_v11(throttle_ms, error, session, topics)
    read = PackedFetchResponse.decode(plain.encode())
    assert vars(read) == vars(FetchResponse_v11.decode(plain.encode()))


def test_a_partition_without_records_has_none() -> None:
    plain = FetchResponse_v11(0, 0, 0, [("t", [(0, 0, 1, 1, 0, [], -1, None)])])
    assert PackedFetchResponse.decode(plain.encode()).topics[0][1][0][-1] == b""
