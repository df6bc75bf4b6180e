"""When a process ends though nothing has raised."""

import pytest
from aiokafka.errors import KafkaError

from schemas.errors import Fenced, LeapError
from streams.watchdog import Watchdog

PATIENCE_S = 30.0


def looked_after(*sightings: tuple[float, dict[str, object]]) -> None:
    watchdog = Watchdog("group", PATIENCE_S)
    for now_s, under_way in sightings:
        watchdog.look(now_s, failure=None, under_way=under_way)


def test_what_does_not_get_any_further_ends_the_process_by_name() -> None:
    with pytest.raises(LeapError, match=r"the rebalance of the group group .* 30 s"):
        looked_after((0.0, {"the rebalance": 1}), (30.1, {"the rebalance": 1}))


@pytest.mark.parametrize(
    "sightings",
    [
        [(0.0, {"it": 1}), (30.0, {"it": 1})],
        [(0.0, {"it": 1}), (29.0, {"it": 2}), (58.0, {"it": 2})],  # got further
        [(0.0, {"it": 1}), (29.0, {}), (30.0, {"it": 1}), (59.0, {"it": 1})],  # was over
        [(0.0, {"it": 1}), (29.0, {"other": 1}), (58.0, {"other": 1})],
    ],
)
def test_what_ends_or_gets_further_in_time_does_not(
    sightings: list[tuple[float, dict[str, object]]],
) -> None:
    looked_after(*sightings)


def test_a_member_that_the_group_refuses_ends_with_a_sentence() -> None:
    watchdog = Watchdog("group")
    with pytest.raises(LeapError, match="group group does not want this member any more"):
        watchdog.look(0.0, failure=KafkaError("no"), under_way={})
    fenced = Fenced("another process has joined")
    with pytest.raises(Fenced) as raised:
        watchdog.look(0.0, failure=fenced, under_way={})
    assert raised.value is fenced
