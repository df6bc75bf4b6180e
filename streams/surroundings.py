"""What all partitions of a worker share; what is read of topics grows while it runs."""

from dataclasses import dataclass

from streams.calendars import Calendars
from streams.clocks import LogClock
from streams.gaps import Gaps
from streams.horizon import Horizon
from streams.marks import Marks
from streams.policies import Policies


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The clock, what is read of the reference topics, and how many days are held."""

    clock: LogClock
    marks: Marks
    gaps: Gaps
    policies: Policies
    calendars: Calendars
    horizon: Horizon
