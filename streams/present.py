"""The indicators as of the day in progress: whose have to be computed, and when they are told."""

from collections.abc import Sequence

from schemas.types import Cause, Day
from streams.clocks import LogClock
from streams.closing import Closer
from streams.outcome import Outcome
from streams.students import Rows
from streams.touched import Touched


class Present:
    """What was evaluated last, and what has happened since."""

    def __init__(self, clock: LogClock, capacity: int) -> None:
        self._clock = clock
        self._touched = Touched(capacity)
        self._as_of: Day | None = None  # of the last evaluation

    def touch(self, rows: Rows, cause: Cause, *, capacity: int) -> None:
        """Something happened to these students."""
        self._touched.touch(rows, cause, capacity=capacity)

    def tell(self, closer: Closer, today: Day, refresh: bool, outcome: Outcome) -> None:
        """Changes, and with `refresh` or on a new day all that moved and the daily counts."""
        as_of = self._clock.as_of(closer.closed, today)
        if as_of != self._as_of or outcome.closed is not None:
            refresh = True
            due: Sequence[tuple[Cause, Rows]] = [(Cause.DAY_CLOSED, closer.everyone)]
        else:
            due = self._touched.due(also_moved=refresh)
        for cause, rows in due:
            self.evaluate(closer, rows, today, cause, outcome, told=refresh)
        if refresh:
            closer.daily(self._clock.seen(closer.closed, today), outcome)

    def evaluate(
        self, closer: Closer, rows: Rows, today: Day, cause: Cause, outcome: Outcome, *, told: bool
    ) -> None:
        """The indicators of `rows`; `told`: those that moved without a change go out too."""
        self._as_of = self._clock.as_of(closer.closed, today)
        seen = self._clock.seen(closer.closed, today)
        closer.current(
            rows, as_of=self._as_of, seen=seen, cause=cause, also_moved=told, outcome=outcome
        )
        self._touched.evaluated(rows, told=told)
