"""Event logs that are damaged, cut short, packed or begun anew: nothing is lost or in the way."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.account import Account
from connectors.pc_labs.evtx import CHUNK_BYTES, HEADER_BYTES
from connectors.positions import MemoryPositions
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.connected import connected, people
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.pc_labs.case import CASE, EVTX, build_log, event, logged, write_log
from tests.connectors.world import PARTITIONS, by_id, events

LOGINS: Final = [logged("ab123", f"2022-08-18T06:{minute}:00Z") for minute in range(10, 16)]
CHUNKS: Final = len(LOGINS) // 2


def read(folder: Path, positions: MemoryPositions | None = None) -> Account:
    account = connected(
        build_log(folder), MemoryPublisher(PARTITIONS), people(EVTX.people), positions
    )
    assert account.is_reconciled
    return account


def log_in(folder: Path, logins: list[bytes] = LOGINS) -> Path:
    write_log(folder, logins)
    return folder / "Security.evtx"


def test_a_damaged_record_is_refused_with_its_chunk_and_all_others_are_read(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    content = bytearray(log.read_bytes())
    content[HEADER_BYTES + 512 + 24] = 0xEE  # how the first record begins
    log.write_bytes(content)
    account = read(tmp_path)
    assert account.published == {Kind.PC_LOGIN: len(LOGINS) - 1}
    assert account.quarantined == {Reason.MALFORMED_ROW: 1}


def test_a_damaged_chunk_is_refused_and_an_unused_one_is_nothing(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    content = bytearray(log.read_bytes())
    content[HEADER_BYTES] = 0
    log.write_bytes(content + bytes(CHUNK_BYTES))
    account = read(tmp_path)
    assert account.published == {Kind.PC_LOGIN: len(LOGINS) - 2}
    assert account.quarantined == {Reason.MALFORMED_ROW: 1}


def test_of_a_log_cut_short_everything_before_the_cut_is_read(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    log.write_bytes(log.read_bytes()[: -CHUNK_BYTES + 2000])
    account = read(tmp_path)
    assert account.published == {Kind.PC_LOGIN: len(LOGINS)}
    assert account.quarantined == {Reason.BROKEN_OFF: 1}


def test_a_packed_log_is_read_also_where_it_is_cut_short(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    packed = gzip.compress(log.read_bytes())
    log.write_bytes(packed)
    assert read(tmp_path).published == {Kind.PC_LOGIN: len(LOGINS)}
    log.write_bytes(packed[:-8])
    account = read(tmp_path)
    assert account.published == {Kind.PC_LOGIN: len(LOGINS)}
    assert account.quarantined == {Reason.BROKEN_OFF: 1}


def test_a_login_is_the_same_event_from_a_log_and_from_json(tmp_path: Path) -> None:
    at = "2022-08-18T06:56:26Z"
    EVTX.write(tmp_path, [logged("ab123", at)])
    CASE.write(tmp_path, [event("ab123", at)])
    publisher = MemoryPublisher(PARTITIONS)
    for case in (EVTX, CASE):
        connected(case.build(tmp_path), publisher, people(case.people))
    assert len(events(publisher)) == 2
    assert len(by_id(publisher)) == 1


def test_what_is_no_event_log_is_refused_and_an_empty_file_is_nothing(tmp_path: Path) -> None:
    log = tmp_path / "Security.evtx"
    log.write_bytes(b"EventID,TimeCreated\n")
    assert read(tmp_path).quarantined == {Reason.MALFORMED_ROW: 1}
    log.write_bytes(b"")
    assert read(tmp_path).read == 0


def test_a_log_that_windows_began_anew_is_read_from_its_beginning(tmp_path: Path) -> None:
    positions = MemoryPositions()
    log_in(tmp_path, LOGINS[:1])
    assert read(tmp_path, positions).read == 1
    log_in(tmp_path, LOGINS[1:3])
    assert read(tmp_path, positions).read == 2


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, CHUNKS - 2), st.integers(0, 1600), st.integers(0, 255))))
def test_no_damage_whatever_makes_it_fail_or_touches_another_chunk(
    damage: list[tuple[int, int, int]],
) -> None:
    with TemporaryDirectory() as name:
        log = log_in(Path(name))
        content = bytearray(log.read_bytes())
        for chunk, at, byte in damage:
            content[HEADER_BYTES + chunk * CHUNK_BYTES + at] = byte
        log.write_bytes(content)
        account = read(Path(name))
    assert account.published[Kind.PC_LOGIN] >= 2, "those of the last chunk"
