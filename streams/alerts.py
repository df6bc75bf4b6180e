"""The alerts of a partition: what the rules say now against what was published.

`scoring.alerts` is the definition, `scoring.alert_kernel` does the arithmetic. Here closings come
in, many students and days at once, and what differs from what was told goes out. Of welfare
(`alert_views`) and of compliance (`contact_views`) there is one of these each, and neither knows of
the other:

1. `take`, with each run of closings in order of days: the alerts raised and ended on these days
   replace what was told of them;
2. `tell`, when all are taken: whatever is another than before is published with its next
   revision; what was raised and is not in the set any more is withdrawn.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schemas.topics import Topic
from schemas.types import Cause, Day
from scoring.alert_kernel import NEVER, Course, Standing, follow
from scoring.alerts import Alert
from streams.memory import RememberedAlert
from streams.outcome import Alerts as News
from streams.outcome import Outcome
from streams.seen import Seen, Viewed
from streams.students import Rows, Students, grown

Integers = NDArray[np.int64]
Key: TypeAlias = tuple[int, str, Day]
"""Row, rule, and the day on which it was raised."""

_NO_RULE: Final = 0


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as it was published last."""

    alert: Alert
    is_withdrawn: bool
    revision: int


class Alerts:
    """What was told of each student, and where each rule stands now."""

    def __init__(self, students: Students, topic: Topic) -> None:
        """`topic`: where they are told."""
        self._students = students
        self._topic = topic
        self._told: dict[int, dict[tuple[str, Day], Told]] = {}
        self._before: dict[Key, Told | None] = {}  # as published, of what has changed since
        self._standing: dict[str, Standing] = {}  # by rule, behind the last closing

    def recall(self, remembered: Iterable[RememberedAlert]) -> None:
        """Take over what was published."""
        known = list(remembered)
        rows = self._students.rows_of(np.array([one.student for one in known], np.int64))
        for row, one in zip(rows.tolist(), known, strict=True):
            key = (one.alert.rule, one.alert.raised)
            self._told.setdefault(row, {})[key] = Told(one.alert, one.is_withdrawn, one.revision)
        for row, alerts in self._told.items():
            for rule in {rule for rule, _ in alerts}:
                self._note_standing(row, rule)

    def are_possible(self, rules: Sequence[object]) -> bool:
        """Whether closings by these rules may raise or end any."""
        return bool(rules or self._told)

    def take(self, view: Viewed, closed: Day) -> None:
        """The closings of some days; `closed`: the last day that was closed before.

        Days up to it are told of already, and are told of again.
        """
        first = Day(int(view.days[0]))
        is_news = first > closed
        followed = self._open(view.rows) if is_news else self._told_from(view.rows, first)
        columns = np.flatnonzero(view.candidates() | followed)
        if not len(columns):
            return
        rows, cool_downs, seen = view.rows[columns], view.cool_downs, view.seen(columns)
        for name in sorted(cool_downs.keys() | self._standing.keys()):
            standing = self._latest(name, rows) if is_news else self._before_day(name, rows, first)
            over = seen.over
            if name in cool_downs:
                held, speaks = seen.says(name)
            else:
                held, speaks, over = np.zeros_like(over), over, np.ones_like(over)
            course = follow(standing, held, speaks, over, view.days, cool_downs.get(name, _NO_RULE))
            raised = _raised(name, seen, rows, course)
            ended = {(int(rows[c]), int(view.days[d])) for d, c in zip(*course.ended, strict=True)}
            within = () if is_news else self._told_within(name, rows, view.days)
            self._replace(name, raised, ended, within, view.days)

    def tell(self, cause: Cause, outcome: Outcome) -> None:
        """Publish what has changed since the last time."""
        news: list[Told] = []
        students: list[int] = []
        for (row, rule, raised), before in self._before.items():
            now = self._told[row][rule, raised]
            if before is not None and _says(now) == _says(before):
                continue
            now = replace(now, revision=0 if before is None else before.revision + 1)
            if before is None and now.is_withdrawn:
                del self._told[row][rule, raised]  # raised and gone within one outcome
                continue
            self._told[row][rule, raised] = now
            news.append(now)
            students.append(int(self._students.ids[row]))
        self._before.clear()
        if news:
            outcome.alerts.append(
                News(
                    topic=self._topic,
                    students=students,
                    alerts=[one.alert for one in news],
                    are_withdrawn=[one.is_withdrawn for one in news],
                    revisions=[one.revision for one in news],
                    cause=cause,
                )
            )

    # ---- where the rules stand

    def _open(self, rows: Rows) -> NDArray[np.bool_]:
        """Of whom an alert is open."""
        found = np.zeros(len(rows), np.bool_)
        for rule in self._standing:
            found |= self._latest(rule, rows).raised != NEVER
        return found

    def _told_from(self, rows: Rows, first: int) -> NDArray[np.bool_]:
        """Of whom something was told that the days from `first` on may change."""
        at = [
            row
            for row, alerts in self._told.items()
            if any(
                one.alert.raised >= first or one.alert.ended is None or one.alert.ended >= first
                for one in alerts.values()
            )
        ]
        found: NDArray[np.bool_] = np.isin(rows, at)
        return found

    def _latest(self, rule: str, rows: Rows) -> Standing:
        """Where the rule stands behind all closings that were taken."""
        standing = self._standing.get(rule)
        if standing is None:
            return _nothing(len(rows))
        self._standing[rule] = standing = _with_room(standing, self._students.capacity)
        return Standing(standing.raised[rows], standing.ended[rows])

    def _before_day(self, rule: str, rows: Rows, first: int) -> Standing:
        """Where the rule stood at the start of a day."""
        standing = _nothing(len(rows))
        for at, row in enumerate(rows.tolist()):
            if row in self._told:
                standing.raised[at], standing.ended[at] = self._stood(row, rule, first)
        return standing

    def _stood(self, row: int, rule: str, first: int) -> tuple[int, int]:
        """When the alert open at the start of a day was raised, and when the last one ended."""
        raised, ended = NEVER, NEVER
        for one in self._of_rule(row, rule):
            if one.alert.raised >= first:
                continue
            if one.alert.ended is None or one.alert.ended >= first:
                raised = one.alert.raised
            else:
                ended = max(ended, one.alert.ended)
        return raised, ended

    def _note_standing(self, row: int, rule: str) -> None:
        standing = self._standing.get(rule) or _nothing(self._students.capacity)
        self._standing[rule] = standing = _with_room(standing, self._students.capacity)
        standing.raised[row], standing.ended[row] = self._stood(row, rule, -NEVER)

    def _of_rule(self, row: int, rule: str) -> Iterator[Told]:
        for (name, _), one in self._told.get(row, {}).items():
            if name == rule and not one.is_withdrawn:
                yield one

    # ---- what the days came to

    def _replace(
        self,
        rule: str,
        raised: Mapping[tuple[int, int], Alert],
        ended: Collection[tuple[int, int]],
        within: Iterable[int],
        days: Integers,
    ) -> None:
        """What was told of some days gives way to what came of them: by row and day.

        `within`: the rows of whom something was told of these days.
        """
        first, last = int(days[0]), int(days[-1])
        of_row: dict[int, tuple[list[Alert], list[int]]] = {row: ([], []) for row in within}
        for (row, _), alert in raised.items():
            of_row.setdefault(row, ([], []))[0].append(alert)
        for row, day in sorted(ended):
            of_row.setdefault(row, ([], []))[1].append(day)
        for row, (alerts, ends) in of_row.items():
            for one in list(self._of_rule(row, rule)):
                alert = one.alert
                if first <= alert.raised <= last and (row, alert.raised) not in raised:
                    self._put(row, replace(one, is_withdrawn=True))
                elif alert.ended is not None and first <= alert.ended <= last:
                    self._put(row, replace(one, alert=replace(alert, ended=None)))
            self._raise_and_end(row, rule, alerts, ends)
            self._note_standing(row, rule)

    def _raise_and_end(
        self, row: int, rule: str, raised: Sequence[Alert], ended: Sequence[int]
    ) -> None:
        for alert in raised:
            former = self._told.get(row, {}).get((rule, alert.raised))
            later = former.alert.ended if former is not None and not former.is_withdrawn else None
            revision = 0 if former is None else former.revision
            self._put(row, Told(replace(alert, ended=later), is_withdrawn=False, revision=revision))
        for day in ended:
            for one in list(self._of_rule(row, rule)):
                if one.alert.raised < day and (one.alert.ended is None or one.alert.ended > day):
                    self._put(row, replace(one, alert=replace(one.alert, ended=Day(day))))

    def _told_within(self, rule: str, rows: Rows, days: Integers) -> Iterator[int]:
        """The rows of whom something was told of some days."""
        first, last = int(days[0]), int(days[-1])
        for row in self._told.keys() & set(rows.tolist()):
            if any(
                first <= one.alert.raised <= last or first <= (one.alert.ended or NEVER) <= last
                for one in self._of_rule(row, rule)
            ):
                yield row

    def _put(self, row: int, one: Told) -> None:
        key = (one.alert.rule, one.alert.raised)
        alerts = self._told.setdefault(row, {})
        self._before.setdefault((row, *key), alerts.get(key))
        alerts[key] = one


def _raised(rule: str, seen: Seen, rows: Rows, course: Course) -> dict[tuple[int, int], Alert]:
    """The alerts that a rule raises, by row and day."""
    alerts: dict[tuple[int, int], Alert] = {}
    for day, column in zip(*(places.tolist() for places in course.raised), strict=True):
        alert = seen.alert(rule, day, column)
        alerts[int(rows[column]), alert.raised] = alert
    return alerts


def _says(one: Told) -> tuple[Alert | None, bool]:
    """What a reader cares about; of one that was withdrawn, only that it was."""
    return (None if one.is_withdrawn else one.alert), one.is_withdrawn


def _nothing(number: int) -> Standing:
    return Standing(np.full(number, NEVER, np.int64), np.full(number, NEVER, np.int64))


def _with_room(standing: Standing, capacity: int) -> Standing:
    if len(standing.raised) >= capacity:
        return standing
    return Standing(grown(standing.raised, capacity, NEVER), grown(standing.ended, capacity, NEVER))
