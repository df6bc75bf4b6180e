"""What a run of closings tells the rules of welfare: many students and days at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Band, Day, Kind, Status
from scoring.alert_conditions import evidence
from scoring.alert_kernel import BANDS, Observed, holds
from scoring.alert_rules import AlertRule, BandAtOrBelow, BandDrop, NoActivity, OverdueAndSilent
from scoring.alerts import Alert
from scoring.due_items import DueItems
from scoring.observation import Observation
from scoring.policy import Policy
from streams.calendars import Calendars
from streams.evaluation import Evaluated
from streams.excuses import NOT_EXCUSED, Excuses
from streams.gaps import Lacks
from streams.items import Items
from streams.policies import Policies
from streams.published import Published
from streams.silence import may_be_silent, silent_days
from streams.states import STATUSES, bands_in
from streams.students import Rows, Students
from streams.window import Window

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]

_SCORED: Final = STATUSES.index(Status.SCORED)
_OF_WHOM_IT_SPEAKS: Final = [_SCORED, STATUSES.index(Status.INSUFFICIENT_DATA)]


@dataclass(slots=True, eq=False)
class View:
    """Closings of S students on E days in a row, as `evaluation.ask` wants them."""

    evaluated: Evaluated
    students: Students
    window: Window
    items: Items
    published: Published
    lacks: Lacks
    excuses: Excuses
    policies: Policies
    calendars: Calendars
    _bands: Integers = field(init=False)
    _may_be_silent: Bits = field(init=False)

    def __post_init__(self) -> None:
        evaluated = self.evaluated
        speaks = evaluated.was_enrolled & (evaluated.scores.status == _SCORED)
        speaks &= ~self._is_quiet(self.days, self.rows)
        # Places in `BANDS`, 0 where a closing does not speak, [E, S].
        self._bands = np.where(speaks, evaluated.scores.band, 0).astype(np.int64)
        self._may_be_silent = np.zeros(len(self.rows), np.bool_)

    @property
    def rows(self) -> Rows:
        """The students, [S]."""
        return self.evaluated.rows

    @property
    def days(self) -> Integers:
        """The closed days, [E]."""
        return self.evaluated.complete

    @property
    def cool_downs(self) -> Mapping[str, int]:
        """The rules that hold, with the days for which each keeps quiet behind an alert."""
        return {rule.name: rule.cool_down_days for rule in self.evaluated.policy.alerts}

    def candidates(self) -> Bits:
        """Whose closings could satisfy a rule, [S]: all that do, and some more."""
        bands = self._bands
        found = np.zeros(len(self.rows), np.bool_)
        silences: list[int] = []
        for rule in self.evaluated.policy.alerts:
            match rule:
                case BandAtOrBelow():
                    found |= ((bands > 0) & (bands <= BANDS.index(rule.band))).any(axis=0)
                case BandDrop():
                    most = len(BANDS) - 1 - rule.bands
                    found |= ((bands > 0) & (bands <= most)).any(axis=0)
                case OverdueAndSilent():
                    silences.append(rule.silent_days)
                case NoActivity():
                    silences.append(rule.counted_days)
        speaking = np.flatnonzero((bands > 0).any(axis=0))
        if silences and len(speaking):
            may_be = may_be_silent(
                self.window, self.rows[speaking], self.days, self.evaluated.unknown, min(silences)
            )
            self._may_be_silent[speaking] = may_be
        return found | self._may_be_silent

    def seen(self, columns: Integers) -> "_Seen":
        """What rules see of C students, places in `rows`; `candidates` was asked before."""
        status = self.evaluated.scores.status[:, columns]
        enrolled = self.evaluated.was_enrolled[:, columns]
        over = ~enrolled | ~np.isin(status, _OF_WHOM_IT_SPEAKS)
        rules = {rule.name: rule for rule in self.evaluated.policy.alerts}
        return _Seen(self._observed(columns), over, rules, self.evaluated.policy, int(self.days[0]))

    def _observed(self, columns: Integers) -> Observed:
        rows, look_back = self.rows[columns], self.evaluated.policy.look_back_days
        first = int(self.days[0])
        before = np.arange(first - look_back + 1, first)
        told = bands_in(self.published.closing_states[self.published.slots(before)[:, None], rows])
        speaking = self.students.enrolled(before, rows) & ~self._is_quiet(before, rows)
        bands = np.concatenate([np.where(speaking, told, 0), self._bands[:, columns]])
        return Observed(
            bands=bands.astype(np.int8),
            silent=self._silent(columns),
            overdue=self._overdue(rows),
            number=len(self.days),
        )

    def _is_quiet(self, days: Integers, rows: Rows) -> Bits:
        """Whether each day weighs nothing by its own closing, for any scored kind.

        Gives [days, 1], or [days, rows] where somebody was excused.
        """
        if not len(days):
            return np.zeros((0, 1), np.bool_)
        first, last = Day(int(days[0])), Day(int(days[-1]))
        is_quiet: Bits = self.calendars.weights_of_closings(first, last)[:, None] == 0
        excused = self.excuses.known_then(days, rows)
        if excused is NOT_EXCUSED:
            return is_quiet
        is_quiet = np.repeat(is_quiet, len(rows), axis=1)
        for policy, run in self.policies.runs(first, last):
            of_all = None if policy is None else excused.from_all(policy.kinds)
            if of_all is not None:
                at = run - days[0]
                is_quiet[at] |= of_all[at]
        return is_quiet

    def _overdue(self, rows: Rows) -> dict[str, Integers]:
        """By kind that a rule asks about."""
        policy, days = self.evaluated.policy, self.days
        first, last = int(days[0]) - policy.look_back_days + 1, int(days[-1])
        kinds = {rule.kind for rule in policy.alerts if isinstance(rule, OverdueAndSilent)}
        return {
            kind: self._unforgiven(kind, rows, first, last).overdue(
                days, policy.look_back_days, len(rows)
            )
            for kind in sorted(kinds)
        }

    def _unforgiven(self, kind: Kind, rows: Rows, first: int, last: int) -> DueItems:
        """The items due from `first` to `last`, but for those due on excused days."""
        closing = int(self.days[-1])
        held = self.items.held(kind, rows, first, last, closing)
        excused = self.excuses.known_to(closing, np.arange(first, last + 1), rows).of(kind)
        if excused is None:
            return held
        return held[~excused[held.due - first, held.student]]

    def _silent(self, columns: Integers) -> Integers:
        """Only of those who may have been silent for long enough; 0 of the others."""
        silent = np.zeros((len(self.days), len(columns)), np.int64)
        at = np.flatnonzero(self._may_be_silent[columns])
        if len(at):
            rows, policy = self.rows[columns[at]], self.evaluated.policy
            first = int(self.days[0]) - policy.look_back_days + 1
            last = int(self.days[-1])
            days = np.arange(first, last + 1)
            counted = self.students.enrolled(days, rows)
            counted &= self.calendars.on(int(self.days[0])).weights(days)[:, None] > 0
            feeds = {feed for rule in policy.kinds.values() for feed in rule.feeds}
            lacking = self.lacks.among(feeds, days, last)
            if lacking is not None:
                counted &= ~lacking[:, None]
            excused = self.excuses.known_to(last, days, rows).from_any(policy.kinds)
            if excused is not None:
                counted &= ~excused
            silent[:, at] = silent_days(
                self.window, rows, Day(first), counted, self.evaluated.unknown, len(self.days)
            )
        return silent


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """What rules see of C students on E days."""

    observed: Observed
    over: Bits
    """Where the student is not one of whom the policy speaks, [E, C]."""
    rules: Mapping[str, AlertRule]
    policy: Policy
    first_day: int

    def says(self, rule: str) -> tuple[Bits, Bits]:
        """Where a rule's condition holds, and where the rule speaks at all; [E, C] each."""
        return holds(self.rules[rule], self.observed), self.observed.speaks

    def alert(self, name: str, day: int, column: int) -> Alert:
        """The alert that a rule raises; places in what is seen."""
        rule, policy, observed = self.rules[name], self.policy, self.observed
        when = self.first_day + day
        bands: Sequence[int] = observed.bands[day : day + policy.look_back_days, column].tolist()
        silent = 0 if observed.silent is None else int(observed.silent[day, column])
        overdue = {Kind(kind): int(of[day, column]) for kind, of in observed.overdue.items()}
        back = [
            Observation(
                Day(when - ago),
                Status.SCORED,
                BANDS[band],
                silent_days=silent,
                overdue_days=overdue,
            )
            for ago, band in enumerate(reversed(bands))
            if BANDS[band] is not Band.NONE
        ]
        found = evidence(rule, back)
        if found is None:
            raise ValueError(f"{rule.name} has no evidence for what it raised on day {when}")
        return Alert(rule.name, Day(when), policy.version, rule.purpose, found)
