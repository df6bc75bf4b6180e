"""A generation of topics for one measurement: made, used, and removed again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from confluent_kafka.admin import AdminClient, NewTopic

from ops.clocks import now_ms
from ops.context import Context
from ops.generation import Generation, open_generation, publish_policy
from ops.short_lived import new_name, remove
from schemas.types import Clock

POLICY: Final = files("bench") / "policy.yaml"
DEFAULT_LOOK_BACK_DAYS: Final = 70
_ZONE: Final = "UTC"  # campus days are then the days of a workload
_RETENTION_DAYS: Final = 400  # more than any horizon that is tried
_TIMEOUT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Bench:
    """A generation, and what a worker of it has to be told."""

    context: Context
    generation: Generation
    look_back_days: int = DEFAULT_LOOK_BACK_DAYS

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a worker of this generation, beside those of this process."""
        return {
            "LEAP_GENERATION": self.generation.name,
            "LEAP_PARTITIONS": str(self.generation.partitions),
            "LEAP_LOOK_BACK_DAYS": str(self.look_back_days),
            "LEAP_RETENTION_DAYS": str(_RETENTION_DAYS),
            "LEAP_LOG_LEVEL": "WARNING",
        }

    def new_topic(self, name: str) -> str:
        """A topic for an entrant's output, with as many partitions; gives its full name."""
        full_name = f"{_prefix(self.generation.name)}{name}"
        admin = AdminClient(self.generation.client.settings())
        topic = NewTopic(full_name, self.generation.partitions, 1)
        admin.create_topics([topic])[full_name].result(timeout=_TIMEOUT_S)
        return full_name


@contextmanager
def generation_for(
    context: Context,
    name: str,
    *,
    clock: Clock,
    partitions: int,
    look_back_days: int = DEFAULT_LOOK_BACK_DAYS,
) -> Iterator[Bench]:
    """A generation with the benchmarks' policy; its topics are gone afterwards.

    `name`: a few letters that say what it is for.
    """
    inner = context.with_generation(
        new_name(f"bench{name}", now_ms() // 100),
        clock=clock,
        partitions=partitions,
        zone=_ZONE,
        look_back_days=look_back_days,
        retention_days=_RETENTION_DAYS,
    )
    generation = open_generation(inner)
    usual, wanted = (f"look_back_days: {n}" for n in (DEFAULT_LOOK_BACK_DAYS, look_back_days))
    document = POLICY.read_text().replace(usual, wanted)
    publish_policy(generation, document, origin="bench/policy.yaml")
    try:
        yield Bench(inner, generation, look_back_days)
    finally:
        _remove(generation)


def _prefix(generation: str) -> str:
    return f"leap.{generation}."


def _remove(generation: Generation) -> None:
    """Its topics and groups, and those that frameworks derived from their names."""
    admin = AdminClient(generation.client.settings())
    groups = admin.list_consumer_groups().result(timeout=_TIMEOUT_S).valid
    remove(
        generation.client,
        topics=[n for n in admin.list_topics(timeout=_TIMEOUT_S).topics if generation.name in n],
        groups=[g.group_id for g in groups if generation.name in g.group_id],
    )
