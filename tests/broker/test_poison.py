"""What a batch may hold besides good records, in every mixture: the good ones come through."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.avro_block import AvroBlock, Field
from broker.batches import Batch
from broker.decoder import Decoded, Decoder
from broker.records import find_records
from broker.slices import Slice
from schemas import wire
from schemas.avro import fields_of, schema_of
from schemas.canonical import measure
from schemas.physical import wide
from schemas.reasons import Reason
from schemas.topics import ACTIVITY, INDICATOR, STUDENT, Topic
from schemas.types import Kind
from tests.broker.batches import CODECS, Record, batch, batch_of, frame, slice_of
from tests.broker.forgery import SCHEMA, forged, honest
from tests.broker.plain_decoder import Plain, read_plainly
from tests.broker.poison import EVENT, FRAMES, KEY, OWN, RECORDS, SCHEMAS, look_up, value
from tests.schemas.records import records_of

POISONS = st.sampled_from(["good"] * 10 + [*RECORDS, *FRAMES])
WITHOUT_FOREIGN = {i: s for i, s in SCHEMAS.items() if s["name"] == schema_of(EVENT)["name"]}


@st.composite
def poisoned(draw: st.DrawFn) -> tuple[bytes, int]:
    """A payload, and how many records it holds."""
    kinds = draw(st.lists(POISONS, min_size=1, max_size=8))
    records = draw(st.lists(records_of(schema_of(EVENT)), min_size=len(kinds), max_size=len(kinds)))
    parts = [
        FRAMES[kind](record, delta) if kind in FRAMES else frame(RECORDS[kind](record), delta)
        for delta, (kind, record) in enumerate(zip(kinds, records, strict=True))
    ]
    return b"".join(parts), len(kinds)


def decode(piece: Slice, topic: Topic = EVENT, **options: bool) -> Decoded:
    return Decoder(schema_of(topic), OWN, look_up, **options).decode(piece)


def plainly(
    payload: bytes, made: Batch, topic: Topic = EVENT, *, may_delete: bool = False
) -> Plain:
    schemas = WITHOUT_FOREIGN if topic is EVENT else {OWN: schema_of(topic)}
    return read_plainly(
        payload,
        count=made.records,
        base=made.base_offset,
        span=made.next_offset - made.base_offset,
        schemas=schemas,
        defaults={str(one["name"]): one.get("default") for one in fields_of(schema_of(topic))},
        may_delete=may_delete,
    )


def seen(decoded: Decoded, start: int) -> Plain:
    rows = decoded.rows
    found = zip(rows.keys.to_list(), rows.values.to_dicts(), strict=True)
    return Plain(
        dict(zip(rows.offsets.tolist(), found, strict=True)),
        {deleted.offset: deleted.key for deleted in decoded.tombstones},
        {
            offset
            for rejected in decoded.rejected
            for offset in range(max(start, rejected.offset), rejected.offset + rejected.count)
        },
    )


@given(data=st.data())
def test_good_records_come_through_any_mixture_and_bad_ones_are_rejected_one_by_one(
    data: st.DataObject,
) -> None:
    wanted = Plain()
    batches: list[Batch] = []
    offset = data.draw(st.integers(0, 2**40))
    start = offset + data.draw(st.integers(0, 6))
    for payload, count in data.draw(st.lists(poisoned(), min_size=1, max_size=4)):
        codec = data.draw(st.sampled_from(list(CODECS)))
        batches.append(batch_of(payload, count, base=offset, codec=codec, timestamp=5))
        wanted = wanted.and_also(plainly(payload, batches[-1]))
        offset = batches[-1].next_offset
    start = min(start, offset - 1)
    decoded = decode(slice_of(*batches, start=start))
    assert seen(decoded, start) == wanted.without(start)
    assert decoded.rows.offsets.tolist() == sorted(decoded.rows.offsets.tolist())
    assert [r.offset for r in decoded.rejected] == sorted(r.offset for r in decoded.rejected)
    everything = seen(decoded, start)
    assert {*everything.good, *everything.bad} == set(range(start, offset))


@given(data=st.data(), limit_bytes=st.sampled_from([1 << 20, 2_000]))
def test_slices_that_are_read_together_are_what_each_of_them_is_alone(
    data: st.DataObject, limit_bytes: int
) -> None:
    """Of any partitions; a small limit makes several goes of it."""
    pieces: list[Slice] = []
    for number, payloads in enumerate(data.draw(st.lists(st.lists(poisoned(), max_size=3)))):
        offset = data.draw(st.integers(0, 5))
        batches: list[Batch] = []
        for payload, count in payloads:
            batches.append(batch_of(payload, count, base=offset, timestamp=number))
            offset = batches[-1].next_offset
        start = data.draw(st.integers(0, offset))
        pieces.append(Slice(start, max(start, offset), batches))
    decoder = Decoder(schema_of(EVENT), OWN, look_up, limit_bytes=limit_bytes)
    together = decoder.decode_each(pieces)
    for decoded, piece in zip(together, pieces, strict=True):
        alone = decoder.decode(piece)
        assert seen(decoded, piece.start) == seen(alone, piece.start)
        assert decoded.rows.timestamps.tolist() == alone.rows.timestamps.tolist()
        assert decoded.rejected == alone.rejected
        assert decoded.fast == alone.fast


@pytest.mark.parametrize("codec", CODECS)
def test_every_poison_at_once_in_every_codec(codec: str) -> None:
    """A batch that holds each of them between two good records, and one that begins with each."""
    record = {
        **dict.fromkeys(("module", "component", "object"), "m"),
        **{"event_id": bytes(16), "student": 1, "occurred_at": 0, "recorded_at": 0},
        **{"feed": "f", "revision": 0, "action": "assert"},
    }
    good = RECORDS["good"](record)
    every = [make(record) for make in RECORDS.values()]
    payloads = [(b"".join(frame(one, delta) for delta, one in enumerate(every)), len(every))]
    between = [frame(one, 1) for one in every] + [make(record, 1) for make in FRAMES.values()]
    payloads += [(frame(good, 0) + middle + frame(good, 2), 3) for middle in between]
    batches: list[Batch] = []
    wanted = Plain()
    for payload, count in payloads:
        offset = batches[-1].next_offset if batches else 0
        batches.append(batch_of(payload, count, base=offset, codec=codec))
        wanted = wanted.and_also(plainly(payload, batches[-1]))
    decoded = decode(slice_of(*batches))
    assert seen(decoded, 0) == wanted
    assert len(wanted.good) > 2 * len(RECORDS)
    assert decoded.fast


@pytest.mark.parametrize(
    "topic",
    [EVENT, *(ACTIVITY[kind] for kind in (Kind.LIBRARY_LOAN, Kind.LISTEN_AGAIN)), STUDENT],
    ids=lambda topic: topic.name,
)
@given(data=st.data(), changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255))))
def test_whatever_happened_to_the_bytes_it_is_read_as_a_plain_reader_reads_it(
    topic: Topic, data: st.DataObject, changes: list[tuple[float, int]]
) -> None:
    """A forged frame never takes a neighbour's place, and nothing is cut to size."""
    records = data.draw(st.lists(records_of(schema_of(topic)), min_size=3, max_size=3))
    written = [Record(KEY, wire.encode(topic, OWN, record)) for record in records]
    payload = bytearray(b"".join(frame(record, delta) for delta, record in enumerate(written)))
    for place, byte in changes:
        payload[int(place * (len(payload) - 1))] = byte
    damaged = batch_of(bytes(payload), 3)
    may_delete = topic is STUDENT
    decoded = decode(slice_of(damaged), topic, allow_tombstones=may_delete)
    wanted = plainly(bytes(payload), damaged, topic, may_delete=may_delete)
    assert seen(decoded, 0) == wanted


@given(data=st.data(), changes=st.lists(st.tuples(*[st.floats(0, 0.999)] * 2, st.integers(0, 255))))
def test_a_record_is_the_same_whatever_its_neighbours_are(
    data: st.DataObject, changes: list[tuple[float, float, int]]
) -> None:
    """With arrays of records in it: alone, and among others that make the fast path refuse."""
    records = data.draw(st.lists(records_of(schema_of(INDICATOR)), min_size=4, max_size=4))
    values = [bytearray(wire.encode(INDICATOR, OWN, record)) for record in records]
    for chosen, place, byte in changes:
        damaged = values[int(chosen * len(values))]
        damaged[int(place * len(damaged))] = byte
    written = [Record(KEY, bytes(v)) for v in values]
    alone = [decode(slice_of(batch([record])), INDICATOR) for record in written]
    headed = [Record(KEY, bytes(v), ((b"trace", b"1"),)) for v in values]
    together = decode(slice_of(batch(headed)), INDICATOR)
    rows = [row for one in alone for row in one.rows.values.to_dicts()]
    assert repr(together.rows.values.to_dicts()) == repr(rows)  # in which a NaN equals itself
    assert together.fast == 0


@pytest.mark.parametrize("codec", CODECS)
def test_the_bytes_of_a_record_are_found_again_in_its_slice(codec: str) -> None:
    """For the quarantine of what was decoded and then refused; damage behind it is no hindrance."""
    values = [value(_event(student)) for student in range(4)]
    whole = batch([Record(KEY, v) for v in values], codec=codec)
    rest = frame(Record(None, values[0]), 0) + frame(Record(KEY, None), 1) + b"\x7f"
    piece = slice_of(whole, batch_of(rest, 4, base=4, codec=codec))
    assert find_records(piece, [1, 3, 4, 5, 6, 99]) == {
        1: (KEY, values[1]),
        3: (KEY, values[3]),
        4: (None, values[0]),
        5: (KEY, None),
        6: (None, None),
        99: (None, None),
    }


def test_a_forged_frame_never_takes_its_neighbours_place() -> None:
    decoder = Decoder(SCHEMA, OWN, look_up)
    decoded = decoder.decode(slice_of(batch_of(b"".join(honest()), 3)))
    assert _students(decoded) == {0: 0, 1: 4242, 2: 5}
    assert decoded.fast == 3
    decoded = decoder.decode(slice_of(batch_of(forged(), 3)))
    assert _students(decoded) == {1: 4242}
    assert [rejected.offset for rejected in decoded.rejected] == [0, 2]


def test_the_forged_frame_deceives_a_decoder_that_does_not_add_up_the_sizes() -> None:
    """If not, the test above would hold whatever is checked."""
    names = ("length", "attributes", "timestamp", "offset")
    before: list[Field] = [{"name": name, "type": "long"} for name in names]
    before += [{"name": "key", "type": "bytes"}, {"name": "value_length", "type": "long"}]
    before += [{"name": "prefix", "type": {"type": "fixed", "name": "Prefix", "size": 5}}]
    block = AvroBlock([*before, *fields_of(wide(SCHEMA)), {"name": "headers", "type": "long"}])
    frame, _ = block.decode(3, [forged()])
    assert frame["student"].to_list() == [0, 1717, 5]
    assert frame["offset"].to_list() == [0, 1, 2]
    assert set(frame["prefix"]) == {wire.prefix(OWN)}
    assert frame["headers"].to_list() == [0, 0, 0]
    sizes = wire.PREFIX_BYTES + measure(SCHEMA, frame).sizes
    assert (frame["value_length"].to_numpy() == sizes).all()


@pytest.mark.parametrize("count", [2**31 - 1, 1_000_000, 4, 2, 1, 0, -1, -(2**31)])
def test_an_impossible_count_is_refused_and_the_process_lives(count: int) -> None:
    payload = b"".join(honest())
    made = batch_of(payload, count, base=10, span=3)
    decoded = decode(slice_of(made))
    assert seen(decoded, 10) == plainly(payload, made)
    assert {rejected.reason for rejected in decoded.rejected} == {Reason.UNDECODABLE}


def test_a_number_without_end_is_refused_without_reading_all_of_it() -> None:
    endless = batch_of(b"\xff" * (32 << 20), 3, codec="zstd")
    good = batch([Record(KEY, value(_event(1)))], base=3)
    decoded = decode(slice_of(endless, good))
    assert decoded.rows.offsets.tolist() == [3]
    assert [(r.offset, r.count) for r in decoded.rejected] == [(0, 3)]


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_a_bomb_is_refused_before_it_fills_the_memory_and_its_neighbours_are_read(
    codec: str,
) -> None:
    before = batch_of(b"".join(honest()), 3, codec=codec)
    bomb = batch_of(bytes(80 << 20), 4, base=3, codec=codec)
    behind = batch_of(b"".join(honest()), 3, base=7, codec=codec)
    assert len(bomb.payload) < 4 << 20
    decoded = decode(slice_of(before, bomb, behind))
    (rejected,) = decoded.rejected
    assert (rejected.offset, rejected.count, rejected.reason) == (3, 4, Reason.TOO_LARGE)
    assert rejected.raw
    assert bytes(bomb.payload).startswith(rejected.raw)
    assert decoded.rows.offsets.tolist() == [0, 1, 2, 7, 8, 9]


def test_many_bombs_within_the_limit_are_read_one_after_the_other() -> None:
    limit = 1 << 20
    bombs = [
        batch_of(bytes(limit - 1000), 2, base=2 * number, codec="zstd") for number in range(20)
    ]
    good = batch([Record(KEY, v) for v in (value(_event(1)), value(_event(2)))], base=40)
    decoder = Decoder(schema_of(EVENT), OWN, look_up, limit_bytes=limit)
    decoded = decoder.decode(slice_of(*bombs, good))
    assert decoded.rows.offsets.tolist() == [40, 41]
    assert seen(decoded, 0).bad == set(range(40))


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
def test_a_batch_that_does_not_decompress_is_rejected_whole(codec: str) -> None:
    good = batch([Record(KEY, value(_event(n))) for n in range(3)], codec=codec)
    cut = batch_of(b"", 3, base=3, codec=codec)
    half = bytes(good.payload[: len(good.payload) // 2])
    broken = [_with_payload(cut, half), _with_payload(cut, b""), _with_payload(cut, b"\xff" * 50)]
    for one in broken:
        decoded = decode(slice_of(good, one))
        assert decoded.rows.offsets.tolist() == [0, 1, 2]
        assert {(r.offset, r.count) for r in decoded.rejected} <= {(3, 3)}


def _with_payload(made: Batch, payload: bytes) -> Batch:
    return Batch(
        made.base_offset,
        made.next_offset,
        made.records,
        made.codec,
        is_control=False,
        is_transactional=False,
        producer_id=-1,
        max_timestamp=0,
        payload=memoryview(payload),
    )


def _students(decoded: Decoded) -> dict[int, int]:
    students: Sequence[int] = decoded.rows.values["student"].to_list()
    return dict(zip(decoded.rows.offsets.tolist(), students, strict=True))


def _event(student: int) -> wire.Record:
    optional = dict.fromkeys(("module", "component", "object"))
    times = dict.fromkeys(("occurred_at", "recorded_at"), 0)
    plain = {"event_id": bytes(16), "feed": "f", "revision": 0, "action": "assert"}
    return {**plain, **times, **optional, "student": student}
