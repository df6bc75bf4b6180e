"""What every incremental source promises, whatever its system and its format."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.positions import MemoryPositions
from schemas.errors import Unreachable
from schemas.reasons import Reason
from schemas.topics import EXPECTATION, FEED_MARK
from schemas.types import Kind
from tests.connectors.case import EXPECTED, Case, Sample
from tests.connectors.cases import CASES
from tests.connectors.connected import connected, people, quarantined
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.world import PARTITIONS, by_id, events, kept, typed

every_source = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
EXAMPLES = settings(max_examples=10, deadline=None)


@contextmanager
def written(case: Case, samples: Sequence[Sample]) -> Iterator[Path]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        case.write(folder, [sample.row for sample in samples])
        yield folder


def published(case: Case, samples: Sequence[Sample]) -> MemoryPublisher:
    publisher = MemoryPublisher(PARTITIONS)
    with written(case, samples) as folder:
        connected(case.build(folder), publisher, people(case.people))
    return publisher


def outcome(publisher: MemoryPublisher) -> tuple[object, object, object]:
    """Events by id, the rest by content: what does not depend on the order of rows."""
    rows = Counter((one["reason"], one["raw"]) for one in quarantined(publisher))
    due = {one.key: {**value, "recorded_at": 0} for one, value in kept(publisher, EXPECTATION)}
    return by_id(publisher), rows, due


def orders(samples: Sequence[Sample]) -> st.SearchStrategy[list[Sample]]:
    return st.permutations(samples).flatmap(
        lambda rows: st.integers(0, len(rows)).map(lambda count: rows[:count])
    )


@every_source
def test_each_row_ends_as_it_should_and_everything_adds_up(case: Case) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    with written(case, case.samples) as folder:
        account = connected(case.build(folder), publisher, people(case.people))
    told = Counter(sample.outcome for sample in case.samples)
    assert account.published == {k: n for k, n in told.items() if isinstance(k, Kind)}
    assert account.quarantined == {k: n for k, n in told.items() if isinstance(k, Reason)}
    assert account.dues == told[EXPECTED]
    rules = {k: n for k, n in told.items() if not isinstance(k, Kind | Reason) and k != EXPECTED}
    assert account.skipped == rules
    assert account.read == len(case.samples)
    assert account.is_reconciled
    assert len(events(publisher)) == account.published.total()
    assert len(quarantined(publisher)) == account.quarantined.total()


@every_source
def test_a_bad_row_lies_in_quarantine_as_it_came_and_its_neighbours_are_not_touched(
    case: Case,
) -> None:
    everything, good = published(case, case.samples), published(case, case.good)
    assert by_id(everything) == by_id(good)
    raws = Counter((typed(one["reason"], str), one["raw"]) for one in quarantined(everything))
    assert raws == Counter(
        (s.outcome.value, s.row) for s in case.samples if isinstance(s.outcome, Reason)
    )
    assert all(
        one["message"] and one["origin"] and one["offset"] for one in quarantined(everything)
    )


@every_source
def test_activities_that_differ_have_ids_that_differ(case: Case) -> None:
    good = [sample for sample in case.good if isinstance(sample.outcome, Kind)]
    assert len(by_id(published(case, good))) == len(good)


@every_source
@EXAMPLES
@given(st.data())
def test_the_order_of_the_rows_does_not_matter(case: Case, data: st.DataObject) -> None:
    some = data.draw(st.permutations(case.samples))
    assert outcome(published(case, some)) == outcome(published(case, case.samples))


@every_source
@EXAMPLES
@given(st.data())
def test_reading_everything_again_gives_the_same_ids(case: Case, data: st.DataObject) -> None:
    some = data.draw(orders(case.samples))
    publisher = published(case, some)
    once = by_id(publisher)
    with written(case, some) as folder:
        connected(case.build(folder), publisher, people(case.people))
    assert by_id(publisher) == once


@every_source
def test_what_was_read_is_not_read_again(case: Case) -> None:
    publisher, positions = MemoryPublisher(PARTITIONS), MemoryPositions()
    with written(case, case.samples) as folder:
        connected(case.build(folder), publisher, people(case.people), positions)
        before = len(publisher.log)
        again = connected(case.build(folder), publisher, people(case.people), positions)
    assert again.read == 0
    assert again.is_reconciled
    assert len(events(publisher)) == sum(isinstance(s.outcome, Kind) for s in case.samples)
    assert len(publisher.log) == before + again.days_marked


@every_source
@EXAMPLES
@given(st.data())
def test_what_is_added_is_read_from_where_reading_stopped(case: Case, data: st.DataObject) -> None:
    some = data.draw(orders(case.samples))
    first = data.draw(st.integers(0, len(some)))
    publisher, positions = MemoryPublisher(PARTITIONS), MemoryPositions()
    with written(case, some[:first]) as folder:
        account = connected(case.build(folder), publisher, people(case.people), positions)
        case.write(folder, [sample.row for sample in some])
        more = connected(case.build(folder), publisher, people(case.people), positions)
    assert account.read + more.read == len(some)
    assert outcome(publisher) == outcome(published(case, some))


@every_source
@EXAMPLES
@given(st.data())
def test_after_any_failure_going_on_loses_and_doubles_nothing(
    case: Case, data: st.DataObject
) -> None:
    some = data.draw(orders(case.samples))
    failing = data.draw(st.sets(st.integers(0, len(some) + 3), max_size=4))
    publisher, positions = MemoryPublisher(PARTITIONS, failing), MemoryPositions()
    with written(case, some) as folder:
        for _ in range(len(failing) + 1):
            publisher.come_back()
            try:
                connected(case.build(folder), publisher, people(case.people), positions)
            except Unreachable:
                continue
            break
    told, rows, due = outcome(published(case, some))
    found, found_rows, found_due = outcome(publisher)
    assert (found, found_due) == (told, due)
    assert isinstance(rows, Counter)
    assert isinstance(found_rows, Counter)
    assert found_rows >= rows  # refused again, as an entry that is known
    assert found_rows.keys() == rows.keys()


@every_source
def test_what_the_erased_do_leaves_no_trace(case: Case) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    with written(case, case.good) as folder:
        account = connected(case.build(folder), publisher, people(case.people, erased=case.people))
    assert account.skipped == {"erased": len(case.good)}
    assert account.is_reconciled
    topics = {kept.place.topic for kept in publisher.log}
    assert topics <= {FEED_MARK.full_name("test")}, "that the feed was read is all that is said"


@every_source
def test_what_strangers_do_waits_in_quarantine(case: Case) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    with written(case, case.good) as folder:
        account = connected(case.build(folder), publisher, people([]))
    assert account.quarantined == {Reason.UNKNOWN_IDENTITY: len(case.good)}
    assert account.is_reconciled
    assert Counter(typed(one["raw"], bytes) for one in quarantined(publisher)) == Counter(
        sample.row for sample in case.good
    )
    assert events(publisher) == []
