"""A statement that is voided counts no more, whichever of the two comes first, and how often."""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.collector import credentials, xapi
from connectors.collector.heard import Heard
from connectors.collector.refusal import Overloaded
from connectors.collector.vocabulary import Vocabulary
from connectors.quarantine import Outcome, Settler
from connectors.records import Encoder
from connectors.schemes import Scheme
from schemas.types import Action
from schemas.wire import Record
from tests.connectors.collector.face import ERASED, NAMES, World, sender, statement
from tests.connectors.connected import people
from tests.connectors.test_quarantine import entries
from tests.connectors.world import DESTINATION, NOW_MS, SITE_KEY, typed


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


def voiding(number: int, voided: int = 1, /, **changed: object) -> dict[str, object]:
    """Somebody takes a statement back."""
    return statement(
        number,
        verb={"id": xapi.VOIDED},
        object={"objectType": "StatementRef", "id": statement(voided)["id"]},
        **changed,
    )


def counting(world: World) -> list[Record]:
    """The activities that count: of an id the highest revision decides, a retraction wins a tie."""
    ranks: dict[bytes, tuple[int, Record]] = {}
    for event in world.events:
        retracts = event["action"] == Action.RETRACT.value
        rank = 2 * typed(event["revision"], int) + int(retracts)
        name = typed(event["event_id"], bytes)
        if rank > ranks.get(name, (-1, event))[0]:
            ranks[name] = (rank, event)
    return [event for rank, event in ranks.values() if rank % 2 == 0]


@given(
    sent=st.permutations([(number, is_void) for number in range(4) for is_void in (False, True)]),
    voided=st.sets(st.integers(0, 3)),
    repeats=st.lists(st.integers(0, 7), max_size=4),
    ends=st.sets(st.integers(1, 12)),
    failing=st.sets(st.integers(1, 12), max_size=3),
)
def test_in_whatever_order_requests_repeats_and_failures_exactly_the_others_count(
    sent: list[tuple[int, bool]],
    voided: set[int],
    repeats: list[int],
    ends: set[int],
    failing: set[int],
) -> None:
    """`ends`: where requests end. Of those that fail only a part is stored; they are sent again."""
    said = [one for one in sent if not one[1] or one[0] in voided]
    said += [said[at] for at in repeats if at < len(said)]
    with World() as world:
        for request in divided(said, ends):
            statements = [
                voiding(100 + n, n) if is_void else statement(n)
                for n, is_void in dict.fromkeys(request)
            ]
            if len(said) in failing:
                world.deliveries.is_away = True
                world.post(statements)
                world.deliveries.is_away = False
            failing = {number - 1 for number in failing}
            assert world.post(statements).status_code == 200
        found = {event["event_id"] for event in counting(world)}
        with World() as other:
            other.post([statement(n) for n in range(4) if n not in voided])
            assert found == {event["event_id"] for event in other.events}


def divided(
    said: Sequence[tuple[int, bool]], ends: set[int]
) -> Iterator[Sequence[tuple[int, bool]]]:
    cuts = sorted({0, len(said), *(end for end in ends if end < len(said))})
    for first, last in pairwise(cuts):
        yield said[first:last]


def test_the_retraction_is_of_the_same_event_and_says_so(world: World) -> None:
    assert world.post(statement()).status_code == 200
    assert world.post(voiding(2)).status_code == 200
    asserted, retracted = world.events
    same = ("event_id", "student", "kind", "occurred_at", "feed", "revision")
    assert {name: retracted[name] for name in same} == {name: asserted[name] for name in same}
    assert retracted["action"] == Action.RETRACT.value
    assert retracted["recorded_at"] == NOW_MS
    assert world.skipped() == {"voided": 1}
    assert world.post(voiding(2)).status_code == 200, "a repeat, which changes nothing"
    assert len(world.events) == 2


def test_one_without_a_time_is_taken_back_as_of_when_it_was_received(world: World) -> None:
    nameless = statement()
    del nameless["timestamp"]
    world.post(nameless)
    world.now_ms += 60_000
    world.post(voiding(2))
    assert counting(world) == []
    assert len(world.events) == 2


def test_what_names_an_unknown_statement_is_noted_for_when_it_comes(world: World) -> None:
    assert world.post(voiding(2)).status_code == 200
    assert world.publisher.log == []
    assert world.skipped() == {"voids_unknown": 1}
    assert world.post(statement()).status_code == 200
    (event,) = world.events
    assert event["action"] == Action.RETRACT.value, "it may have been stored without our knowing"


def test_after_a_restart_it_is_known_what_to_take_back(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("memory") / "ids.sqlite"
    with World(memory=path) as world:
        world.post([statement(1), voiding(11, 3)])
        world.restart()
        world.post([voiding(12, 1), statement(3)])
        assert counting(world) == []
        assert len(world.events) == 3


def test_a_sender_takes_back_its_own_statements_only() -> None:
    secret = credentials.draw()
    other = replace(sender("other"), credentials=[credentials.hashed(secret)])
    with World([sender(), other]) as world:
        world.post(statement(1))
        refused = world.post(voiding(2, 1), Authorization=f"Bearer {secret}")
        assert refused.status_code == 403
        assert "is another sender's" in refused.json()["message"]
        assert world.post(voiding(3, 4), Authorization=f"Bearer {secret}").status_code == 200
        world.post(statement(4))
        assert len(counting(world)) == 2


def test_what_is_on_its_way_is_voided_when_it_has_arrived(world: World) -> None:
    asyncio.run(_void_while_it_is_on_its_way(world))
    world.deliveries.gate = None
    assert world.post(voiding(2)).status_code == 200
    assert counting(world) == []


async def _void_while_it_is_on_its_way(world: World) -> None:
    world.deliveries.gate = asyncio.Event()
    first = asyncio.create_task(world.collector.accept(sender(), [heard(statement())]))
    await asyncio.sleep(0)
    assert world.deliveries.waiting == 1
    with pytest.raises(Overloaded, match="still on its way"):
        await world.collector.accept(sender(), [heard(voiding(2))])
    world.deliveries.gate.set()
    await first


def heard(document: object) -> Heard:
    (one,) = xapi.hear([document], NAMES, Vocabulary(), NOW_MS)
    return one


@pytest.mark.parametrize(
    ("sent", "count"),
    [
        pytest.param([voiding(2), statement(1, "new")], 1, id="voided first"),
        pytest.param([statement(1, "new"), voiding(2)], 2, id="voided later"),
        pytest.param(
            [statement(1, "new"), None, voiding(2), statement(1, "new")], 2, id="stored unnoticed"
        ),
    ],
)
def test_of_people_who_are_not_known_yet_the_retraction_waits_too(
    world: World, sent: list[dict[str, object] | None], count: int
) -> None:
    """None: the collector dies between Kafka's word and its own note."""
    for one in sent:
        if one is None:
            world.restart()  # the memory of this world is not kept
        else:
            assert world.post(one).status_code == 200
    assert world.events == []
    waiting = entries(world.publisher)
    assert len(waiting) == count
    encoder, who = Encoder(DESTINATION, SITE_KEY), people([(Scheme.MOODLE, "new")])
    settler = Settler(world.publisher, DESTINATION, encoder, who, NOW_MS, 1 << 16)
    for name, entry in waiting.items():
        assert settler.replay(name, entry) is Outcome.REPLAYED
    settler.settle()
    assert len(world.events) == count
    assert counting(world) == []


def test_of_the_erased_nothing_is_told_and_what_led_to_nothing_is_left(world: World) -> None:
    no_activity = statement(2, verb={"id": "http://adlnet.gov/expapi/verbs/passed"})
    assert world.post([statement(1, ERASED[1]), no_activity]).status_code == 200
    assert world.post([voiding(11, 1), voiding(12, 2)]).status_code == 200
    assert world.post(voiding(13, 11)).status_code == 200, "what voids cannot be voided"
    assert world.publisher.log == []


def test_only_statements_are_voided(world: World) -> None:
    answer = world.post(statement(1, verb={"id": xapi.VOIDED}))
    assert answer.status_code == 400
    assert "no StatementRef" in answer.json()["message"]
    answer = world.post(voiding(1) | {"object": {"objectType": "StatementRef", "id": "42"}})
    assert answer.status_code == 400
    assert "write a UUID" in answer.json()["message"]
    answer = world.post(voiding(1) | {"object": {"objectType": "StatementRef"}})
    assert answer.status_code == 400


def test_a_memory_that_was_made_before_statements_were_voided_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "ids.sqlite"
    with sqlite3.connect(path) as before:
        before.execute(
            "create table accepted (name text primary key, digest blob not null,"
            " day integer not null) without rowid"
        )
    before.close()
    with World(memory=path) as world:
        world.post(statement())
        world.post(voiding(2))
        assert counting(world) == []
