"""The registry of topics: every topic the product reads or writes, and how each is kept.

A topic's full name is `leap.<generation>.<name>`. The partition count of the per-student topics
and the clock are fixed for a generation and stand in its `generation` topic.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from schemas.types import KINDS, Kind

REFERENCE_PARTITIONS: Final = 1


class Retention(Enum):
    """How long records stay, whatever their key."""

    FOREVER = "forever"
    HORIZON = "horizon"  # as long as a window may look back, plus a margin
    SHORT = "short"


@dataclass(frozen=True, slots=True)
class RetentionDays:
    """The lengths behind `Retention`, in days."""

    horizon: int
    short: int


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of a generation.

    `per_student`: partitioned by student, with the generation's partition count; all others have
    one partition and are read whole by everyone. `append_time`: the broker stamps records when
    they arrive, so that retention and the order of arrival do not depend on a source's clock.
    """

    name: str
    compacted: bool
    retention: Retention
    per_student: bool
    append_time: bool = False

    def full_name(self, generation: str) -> str:
        """The topic's name on the broker."""
        return f"leap.{generation}.{self.name}"

    def subject(self, generation: str) -> str:
        """The subject of its values in the schema registry."""
        return f"{self.full_name(generation)}-value"

    def config(self, days: RetentionDays) -> dict[str, str]:
        """The broker's settings for it; clean-up and retention are always explicit."""
        bounded = self.retention is not Retention.FOREVER
        policies = ["compact"] * self.compacted + ["delete"] * (bounded or not self.compacted)
        length = {
            Retention.FOREVER: -1,
            Retention.HORIZON: days.horizon * 86_400_000,
            Retention.SHORT: days.short * 86_400_000,
        }[self.retention]
        return {
            "cleanup.policy": ",".join(policies),
            "retention.ms": str(length),
            "retention.bytes": "-1",
            "message.timestamp.type": "LogAppendTime" if self.append_time else "CreateTime",
            "compression.type": "producer",
        }


def _activity(kind: Kind) -> Topic:
    return Topic(
        f"activity.{kind}",
        compacted=False,
        retention=Retention.HORIZON,
        per_student=True,
        append_time=True,
    )


ACTIVITY: Final[dict[Kind, Topic]] = {kind: _activity(kind) for kind in KINDS}

STUDENT: Final = Topic("student", True, Retention.FOREVER, per_student=True)
EXPECTATION: Final = Topic("expectation", True, Retention.FOREVER, per_student=True)
CIRCUMSTANCE: Final = Topic("circumstance", True, Retention.FOREVER, per_student=True)
SPONSORSHIP: Final = Topic("sponsorship", True, Retention.FOREVER, per_student=True)

INDICATOR: Final = Topic("indicator", True, Retention.FOREVER, per_student=True)
INDICATOR_DAY: Final = Topic("indicator.day", True, Retention.HORIZON, per_student=True)
INDICATOR_CHANGE: Final = Topic("indicator.change", False, Retention.HORIZON, per_student=True)
DAILY: Final = Topic("daily", True, Retention.HORIZON, per_student=True)
ALERT: Final = Topic("alert", True, Retention.FOREVER, per_student=True)
ALERT_COMPLIANCE: Final = Topic("alert.compliance", True, Retention.FOREVER, per_student=True)
DAY_CLOSED: Final = Topic("day.closed", True, Retention.FOREVER, per_student=True)
QUARANTINE: Final = Topic("quarantine", False, Retention.SHORT, per_student=True)

FEED_MARK: Final = Topic("feed.mark", True, Retention.HORIZON, per_student=False)
FEED_GAP: Final = Topic("feed.gap", True, Retention.FOREVER, per_student=False)
IDENTITY: Final = Topic("identity", True, Retention.FOREVER, per_student=False)
ERASED: Final = Topic("erased", True, Retention.FOREVER, per_student=False)
QUARANTINE_SETTLED: Final = Topic("quarantine.settled", True, Retention.SHORT, per_student=False)
CALENDAR: Final = Topic("calendar", True, Retention.FOREVER, per_student=False)
POLICY: Final = Topic("policy", True, Retention.FOREVER, per_student=False)
GENERATION: Final = Topic("generation", True, Retention.FOREVER, per_student=False)

OUTPUTS: Final = (
    INDICATOR,
    INDICATOR_DAY,
    INDICATOR_CHANGE,
    DAILY,
    ALERT,
    ALERT_COMPLIANCE,
    DAY_CLOSED,
    QUARANTINE,
)
"""What a worker writes of each partition, all of it in one transaction."""

TOPICS: Final = (
    *ACTIVITY.values(),
    STUDENT,
    EXPECTATION,
    CIRCUMSTANCE,
    SPONSORSHIP,
    *OUTPUTS,
    FEED_MARK,
    FEED_GAP,
    IDENTITY,
    ERASED,
    QUARANTINE_SETTLED,
    CALENDAR,
    POLICY,
    GENERATION,
)
