"""The indicators as of the day in progress: whose have to be computed, and when they are told."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.types import Cause, Day
from streams.clocks import LogClock
from streams.closing import Closer
from streams.evaluation import Asked, Evaluated, evaluate_together
from streams.outcome import Outcome
from streams.students import Rows
from streams.touched import Touched


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """About students of a partition whose indicators may have moved."""

    asked: Asked
    closer: Closer
    as_of: Day
    cause: Cause
    outcome: Outcome
    told: bool

    def take(self, evaluated: Evaluated) -> None:
        """What is news of the answer goes to the outcome."""
        self.closer.tell_current(
            evaluated, self.as_of, self.cause, self.outcome, also_moved=self.told
        )


def answer(questions: Sequence[Question]) -> None:
    """Evaluate, those that ask alike in one go: of the partitions of a worker, nearly all do."""
    alike: list[list[Question]] = []
    for question in questions:
        for some in alike:
            if question.asked.is_like(some[0].asked):
                some.append(question)
                break
        else:
            alike.append([question])
    for some in alike:
        answers = evaluate_together([question.asked for question in some])
        for question, evaluated in zip(some, answers, strict=True):
            question.take(evaluated)


class Present:
    """What was evaluated last, and what has happened since."""

    def __init__(self, clock: LogClock, capacity: int) -> None:
        self._clock = clock
        self._touched = Touched(capacity)
        self._as_of: Day | None = None  # of the last evaluation

    def touch(self, rows: Rows, cause: Cause, *, capacity: int) -> None:
        """Something happened to these students."""
        self._touched.touch(rows, cause, capacity=capacity)

    def ask(self, closer: Closer, today: Day, refresh: bool, outcome: Outcome) -> list[Question]:
        """What has to be answered before changes can be told.

        With `refresh` or on a new day all that moved is told too, and the daily counts.
        """
        as_of = self._clock.as_of(closer.closed, today)
        if as_of != self._as_of or outcome.closed is not None:
            refresh = True
            due: Sequence[tuple[Cause, Rows]] = [(Cause.DAY_CLOSED, closer.everyone)]
        else:
            due = self._touched.due(also_moved=refresh)
        if refresh:
            closer.daily(self._clock.seen(closer.closed, today), outcome)
        return [
            question
            for cause, rows in due
            for question in self.ask_about(closer, rows, today, cause, outcome, told=refresh)
        ]

    def ask_about(
        self, closer: Closer, rows: Rows, today: Day, cause: Cause, outcome: Outcome, *, told: bool
    ) -> list[Question]:
        """The indicators of `rows`; `told`: those that moved without a change go out too."""
        as_of = self._as_of = self._clock.as_of(closer.closed, today)
        seen = self._clock.seen(closer.closed, today)
        self._touched.evaluated(rows, told=told)
        asked = closer.ask_current(rows, as_of=as_of, seen=seen)
        return [] if asked is None else [Question(asked, closer, as_of, cause, outcome, told)]
