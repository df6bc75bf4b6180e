"""The moments of a partition's life at which its owner is killed; numbered as in the design."""

from dataclasses import dataclass

from tests.chaos.proxy import Api


@dataclass(frozen=True)
class Step:
    """A request that is on its way, or whose answer is."""

    name: str
    api: Api
    containing: bytes = b""
    is_answered: bool = False
    phase: str | None = None  # of all its partitions, by then


STEPS = (
    Step("1: when it has fenced", Api.INIT_PRODUCER_ID, is_answered=True),
    Step("2: reading the memory", Api.FETCH, b".indicator.day", is_answered=True),
    Step("3: replaying", Api.FETCH, b".activity.", is_answered=True, phase="replay"),
    Step("4: before the first records of its comparison", Api.PRODUCE),
    Step("5: before it commits", Api.END_TXN),
    Step("5: when it has committed and does not know", Api.END_TXN, is_answered=True),
    Step("5: before offsets are committed", Api.OFFSET_COMMIT),
)
MORE_STEPS = (
    Step("1: before it fences", Api.INIT_PRODUCER_ID),
    Step("5: in a transaction", Api.PRODUCE, is_answered=True),
    Step("6: it keeps its partitions", Api.JOIN_GROUP, is_answered=True),
    Step("6: it is told its partitions", Api.SYNC_GROUP, is_answered=True),
)
"""Those of `make chaos`, beside the others."""
