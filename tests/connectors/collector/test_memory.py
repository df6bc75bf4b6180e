"""What was accepted is known at once, also while it is being written, and after a restart."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.collector.memory import DAYS_REMEMBERED, Memory, Name
from schemas.errors import SourceError

DAY_MS = 86_400_000
NAMES = st.sampled_from([(standard, name) for standard in ("xapi", "caliper") for name in "abc"])
ACCEPTED = st.lists(st.dictionaries(NAMES, st.binary(min_size=1, max_size=2)), max_size=8)


@pytest.mark.parametrize("is_kept", [False, True])
@settings(max_examples=25)
@given(accepted=ACCEPTED, restarts=st.sets(st.integers(0, 7)))
def test_what_was_accepted_first_under_a_name_is_known_from_then_on(
    tmp_path_factory: pytest.TempPathFactory,
    is_kept: bool,
    accepted: list[dict[Name, bytes]],
    restarts: set[int],
) -> None:
    path = tmp_path_factory.mktemp("ids") / "ids.sqlite" if is_kept else None
    memory = Memory(path, lambda: 0)
    told: dict[Name, bytes] = {}
    for number, digests in enumerate(accepted):
        memory.remember(digests)
        told = {**digests, **told}
        if is_kept and number in restarts:
            memory.close()
            memory = Memory(path, lambda: 0)
        assert memory.accepted(list(told)) == told
    memory.close()


def remember(path: Path, day: int) -> None:
    memory = Memory(path, lambda: day * DAY_MS)
    memory.remember({("xapi", str(day)): b"x"})
    memory.received([("xapi", str(day))])
    memory.close()


def test_what_is_old_is_forgotten(tmp_path: Path) -> None:
    days = [0, DAYS_REMEMBERED, DAYS_REMEMBERED + 1]
    names = [("xapi", str(day)) for day in days]
    for day in days:
        remember(tmp_path / "ids.sqlite", day)
    memory = Memory(tmp_path / "ids.sqlite", lambda: days[-1] * DAY_MS)
    memory.tend()
    assert set(memory.accepted(names)) == set(names[1:])
    assert list(memory.received(names).values()) == [day * DAY_MS for day in (days[-1], *days[1:])]
    memory.close()


def test_as_much_as_a_request_can_hold_is_remembered_and_forgotten_again(tmp_path: Path) -> None:
    now = 0
    many = {("xapi", str(number)): b"x" for number in range(12_000)}
    memory = Memory(tmp_path / "ids.sqlite", lambda: now)
    memory.remember(many)
    assert memory.accepted(many) == many
    now = (DAYS_REMEMBERED + 1) * DAY_MS
    memory.tend()
    left = len(memory.accepted(many))
    assert 0 < left < len(many)  # in parts, so that nobody waits for all of it
    for _ in range(left):
        memory.tend()
        if not memory.accepted(many):
            break
    assert memory.accepted(many) == {}
    memory.close()


def test_tending_empties_the_journal_while_others_write(tmp_path: Path) -> None:
    path = tmp_path / "ids.sqlite"
    journal = path.with_name("ids.sqlite-wal")
    memory = Memory(path, lambda: 0)
    sizes = []
    for part in range(4):
        memory.remember({("xapi", f"{part}-{number}"): b"x" for number in range(5_000)})
        memory.tend()
        sizes.append(journal.stat().st_size)
    assert sizes[-1] < 2 * sizes[0]  # it began anew
    # What was carried over is there without it.
    journal.unlink()
    path.with_name("ids.sqlite-shm").unlink()
    again = Memory(path, lambda: 0)
    assert len(again.accepted([("xapi", f"{part}-0") for part in range(4)])) == 4
    again.close()
    memory.close()


def test_a_file_that_cannot_be_tended_is_named(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "ids.sqlite", lambda: 0)
    memory.close()
    (tmp_path / "ids.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(SourceError, match=r"ids\.sqlite could not be tended"):
        memory.tend()
