"""What a run promises beyond the contract: marks, the future, positions, files that grow."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.incremental import IncrementalSource
from connectors.positions import MemoryPositions, PositionFile, Reached
from connectors.run import Marking
from connectors.table import FileSource
from schemas.errors import SourceError, Unreachable
from schemas.topics import ACTIVITY, FEED_MARK
from schemas.types import Day, Kind
from tests.connectors.connected import connected, people
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.taps.case import CASE, build
from tests.connectors.world import PARTITIONS, by_id, day, events, kept, typed, values

EVERYBODY = people(CASE.people)
FIRST = day("2019-10-01")
DAYS = st.lists(st.integers(0, 6), min_size=1, max_size=30)


def taps(days: Sequence[int]) -> list[bytes]:
    return [
        b"0A1B,R1,2019-10-%02dT09:%02d:%02d" % (1 + at, number // 60, number % 60)
        for number, at in enumerate(days)
    ]


def source(folder: Path, rows: Sequence[bytes]) -> IncrementalSource:
    CASE.write(folder, rows)
    return build(folder)


def marked(publisher: MemoryPublisher) -> list[int]:
    return [typed(mark["day"], int) for mark in values(publisher, FEED_MARK)]


def day_of(event: object) -> int:
    assert isinstance(event, dict)
    return typed(event["occurred_at"], int) // 86_400_000


@settings(max_examples=30)
@given(DAYS)
def test_live_every_day_before_the_newest_is_marked_behind_everything(
    tmp_path_factory: pytest.TempPathFactory, days: list[int]
) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    folder = tmp_path_factory.mktemp("taps")
    account = connected(source(folder, taps(days)), publisher, EVERYBODY)
    told = list(range(FIRST + min(days), FIRST + max(days)))
    assert marked(publisher) == told
    assert account.days_marked == len(told)
    last = max((one.number for one, _ in kept(publisher, ACTIVITY[Kind.TAP_IN])), default=0)
    assert all(one.number > last for one, _ in kept(publisher, FEED_MARK))
    for _, mark in kept(publisher, FEED_MARK):
        ends = {place["partition"]: place["offset"] for place in typed(mark["positions"], list)}
        assert sum(ends.values()) == len(days)


@settings(max_examples=30)
@given(DAYS)
def test_in_a_replay_a_mark_parts_what_lies_by_day(
    tmp_path_factory: pytest.TempPathFactory, days: list[int]
) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    folder = tmp_path_factory.mktemp("taps")
    rows = taps(sorted(days))
    connected(source(folder, rows), publisher, EVERYBODY, marking=Marking.AS_READ)
    assert marked(publisher) == list(range(FIRST + min(days), FIRST + max(days)))
    for one, mark in kept(publisher, FEED_MARK):
        for event, value in kept(publisher, ACTIVITY[Kind.TAP_IN]):
            assert (event.number < one.number) == (day_of(value) <= typed(mark["day"], int))


def test_somebody_may_say_through_which_day_everything_is_there(tmp_path: Path) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    through = Day(FIRST + 3)
    connected(source(tmp_path, taps([0, 1])), publisher, EVERYBODY, complete_through=through)
    assert marked(publisher) == [FIRST, FIRST + 1, FIRST + 2, FIRST + 3]


def test_a_day_keeps_its_first_mark(tmp_path: Path) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    connected(source(tmp_path, taps([0, 3])), publisher, EVERYBODY, marked={("taps", FIRST)})
    assert marked(publisher) == [FIRST + 1, FIRST + 2]


def test_a_day_that_could_not_be_marked_is_marked_by_the_next_run(tmp_path: Path) -> None:
    publisher, positions = MemoryPublisher(PARTITIONS, [3]), MemoryPositions()
    rows = source(tmp_path, taps([0, 1]))
    with pytest.raises(Unreachable):
        connected(rows, publisher, EVERYBODY, positions)
    assert len(events(publisher)) == 2
    publisher.come_back()
    again = connected(rows, publisher, EVERYBODY, positions)
    assert again.read == 0
    assert FIRST in marked(publisher)


def test_what_lies_in_the_future_marks_nothing(tmp_path: Path) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    rows = [*taps([0, 1]), b"0A1B,R1,2098-01-01T09:00:00"]
    connected(source(tmp_path, rows), publisher, EVERYBODY)
    assert marked(publisher) == [FIRST]


def test_the_days_of_those_who_wait_are_marked_too(tmp_path: Path) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    connected(source(tmp_path, taps([0, 2])), publisher, people([]))
    assert marked(publisher) == [FIRST, FIRST + 1]


@settings(max_examples=30)
@given(st.lists(st.integers(1, 60), max_size=8))
def test_a_file_that_is_being_written_is_read_whole_lines_at_a_time(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("taps")
    rows = taps([n % 5 for n in range(12)])
    content = b"card,reader,time\n" + b"".join(row + b"\n" for row in rows)
    followed = FileSource(
        "taps", [folder / "taps.csv"], build(folder).reader, build(folder).mapping, True
    )
    publisher, positions = MemoryPublisher(PARTITIONS), MemoryPositions()
    read, at = 0, 0
    for cut in [*cuts, len(content)]:
        at = min(at + cut, len(content))
        (folder / "taps.csv").write_bytes(content[:at])
        read += connected(followed, publisher, EVERYBODY, positions).read
    assert read == len(rows)
    assert len(events(publisher)) == len(by_id(publisher)) == len(rows)


def test_a_row_that_was_corrected_is_read_again(tmp_path: Path) -> None:
    publisher, positions = MemoryPublisher(PARTITIONS), MemoryPositions()
    rows = taps([0, 1, 2])
    connected(source(tmp_path, [*rows, b"0A1B,R1,soon"]), publisher, EVERYBODY, positions)
    corrected = [*rows, b"0A1B,R1,2019-10-05T09:00:00"]
    again = connected(source(tmp_path, corrected), publisher, EVERYBODY, positions)
    assert again.read in (1, 4)
    first = [b"0A1B,R1,2019-10-09T09:00:00", *corrected[1:]]
    whole = connected(source(tmp_path, first), publisher, EVERYBODY, positions)
    assert whole.read == 4
    assert len(by_id(publisher)) == 5


def test_a_missing_file_is_said_and_what_was_read_before_stands(tmp_path: Path) -> None:
    CASE.write(tmp_path, taps([0]))
    one = build(tmp_path)
    files = FileSource("taps", [*one.files, tmp_path / "gone.csv"], one.reader, one.mapping)
    publisher = MemoryPublisher(PARTITIONS)
    with pytest.raises(SourceError, match=r"gone\.csv"):
        connected(files, publisher, EVERYBODY)
    assert len(publisher.log) == 1


def test_positions_survive_in_their_file(tmp_path: Path) -> None:
    file = PositionFile(tmp_path / "positions" / "taps.json")
    assert file.load() == Reached()
    reached = Reached({"a": {"offset": 3, "missing": [1, 2]}}, Day(5), Day(9))
    file.save(reached)
    assert file.load() == reached
    file.path.write_text("{")
    with pytest.raises(SourceError, match="remove it"):
        file.load()
