"""Asks the scoring kernel about students of partitions, and keeps the answer one row a cell.

A cell is one student on one evaluation day. What is compared and published are cells. What several
partitions ask about the same days is answered in one go (`evaluate_together`): a question about ten
students takes the kernel about as long as one about a thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day, Kind, Status
from scoring.kernel import evaluate
from scoring.kind_policy import Measure
from scoring.late import LateItems
from scoring.panel import Panel
from scoring.policy import Policy
from scoring.resolution import Groups
from scoring.scores import Scores
from scoring.side_by_side import side_by_side
from streams import digests
from streams.calendars import CalendarVersion
from streams.excuses import Excuses
from streams.gaps import Lacks
from streams.hindsight import Steps
from streams.items import Items
from streams.states import NOT_ENROLLED, STATUSES, UNKNOWN_STUDENT, States, sort_of, states_of
from streams.students import Rows, Students
from streams.window import KIND_ROW, Window

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """Indicators of S students on E days; arrays are [E, S]."""

    policy: Policy
    rows: Rows  # [S]
    complete: Integers  # [E], the last complete day
    scores: Scores
    states: States  # of the indicator at as_of = complete + 1 or later
    was_enrolled: Bits  # on the day `complete`
    is_enrolled: Bits  # on the day as_of
    unknown: Steps  # of the counts, that came too late for it
    digests: NDArray[np.uint64]  # one number for everything a reader sees of each cell

    @property
    def withheld(self) -> Bits:
        """Where the policy gives no indicator."""
        is_withheld: Bits = self.scores.status == digests.NOT_SCORED
        return is_withheld


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """About S students of a partition on E days: what the kernel has to be given."""

    policy: Policy
    rows: Rows  # [S]
    complete: Integers  # [E]; so the next
    as_of: Integers
    seen: Integers
    panel: Panel
    groups: Groups | None
    enrolled: Bits  # [T, S], on the days of the panel
    without: States  # [S], of the indicator on days on which a student is not enrolled
    unknown: Steps

    def is_like(self, other: "Asked") -> bool:
        """Whether both ask the same, of different students."""
        return (
            self.policy is other.policy
            and len(self.complete) == 1
            and np.array_equal(self.complete, other.complete)
            and np.array_equal(self.as_of, other.as_of)
            and np.array_equal(self.seen, other.seen)
            and np.array_equal(self.panel.weight_percent, other.panel.weight_percent)
        )

    def answered(self, scores: Scores, digested: NDArray[np.uint64]) -> Evaluated:
        """`scores` and `digested` are those of its students."""
        first = self.panel.first_day
        is_enrolled = self.enrolled[self.as_of - first]
        states = states_of(scores.status, scores.band)
        return Evaluated(
            policy=self.policy,
            rows=self.rows,
            complete=self.complete,
            scores=replace(scores, groups=self.groups),
            states=np.where(is_enrolled, states, self.without),
            was_enrolled=self.enrolled[self.complete - first],
            is_enrolled=is_enrolled,
            unknown=self.unknown,
            digests=digested,
        )


def evaluate_together(asked: Sequence[Asked]) -> list[Evaluated]:
    """The answers, in order; all of them ask alike."""
    one = asked[0]
    panel, groups = side_by_side([(each.panel, each.groups) for each in asked])
    scores = evaluate(
        one.policy, panel, complete=one.complete, as_of=one.as_of, seen=one.seen, groups=groups
    )
    digested = digests.of_scores(one.policy.version, scores)
    ends = list(accumulate(len(each.rows) for each in asked))
    return [
        each.answered(
            scores.of(slice(end - len(each.rows), end)), digested[:, end - len(each.rows) : end]
        )
        for each, end in zip(asked, ends, strict=True)
    ]


def ask(
    policy: Policy,
    students: Students,
    window: Window,
    items: Items,
    rows: Rows,
    *,
    complete: Integers,
    as_of: Integers,
    seen: Integers,
    lacks: Lacks,
    excuses: Excuses,
    unknown: Steps,
    groups: Groups | None,
    calendar: CalendarVersion,
) -> Asked:
    """About `rows` on E days, [E] each: complete < as_of, complete <= seen <= as_of.

    `rows` ascend. The window's ring has to hold the look-back of the first and the last `as_of`.
    The E days ascend, and none knows more than those before it of what both look at: days that a
    kind's feeds lack are left out for it, those that a student is excused from weigh nothing, and
    `unknown` are steps of the counts that came too late for them. `groups`: which rules hold for
    whom.
    """
    first, closing = int(complete[0]) - policy.look_back_days + 1, int(complete[-1])
    days = np.arange(first, int(as_of.max()) + 1)
    enrolled = students.enrolled(days, rows)
    held = window.span(first, int(as_of.max()))
    whole = len(rows) == students.count
    counts: dict[Kind, NDArray[np.uint32]] = {}
    counted: dict[Kind, Bits] = {}
    due: dict[Kind, NDArray[np.uint32]] = {}
    met: dict[Kind, NDArray[np.uint32]] = {}
    met_late: dict[Kind, LateItems] = {}
    counted_but: dict[bytes, Bits] = {}
    for kind, rule in policy.kinds.items():
        if rule.measure is Measure.SHARE:
            expected = items.held(kind, rows, first, int(days[-1]), closing)
            placed = expected.placed(first, (len(days), len(rows)))
            due[kind], met[kind], met_late[kind] = placed
        else:
            of_kind = window.counts[KIND_ROW[kind], held]
            counts[kind] = of_kind[:, : students.count] if whole else of_kind.take(rows, axis=1)
            late = unknown[unknown.kinds == KIND_ROW[kind]] if len(unknown) else unknown
            if len(late):
                counts[kind] = counts[kind].copy()  # it may be the window's own
                late.taken_from(counts[kind], rows, first)
        lacking = lacks.among(rule.feeds, days, closing)
        if lacking is None:
            counted[kind] = enrolled
        else:  # kinds that lack the same days share the array, and so their windows
            same = lacking.tobytes()
            if same not in counted_but:
                counted_but[same] = enrolled.copy()
                counted_but[same][lacking] = False
            counted[kind] = counted_but[same]
    panel = Panel(
        first_day=Day(first),
        counts=counts,
        weight_percent=calendar.weights(days)[:, None],
        counted=counted,
        excused=excuses.known_to(closing, days, rows).by_kind(policy.kinds),
        due=due,
        met=met,
        late=met_late,
    )
    without = np.where(students.is_known[rows], NOT_ENROLLED, UNKNOWN_STUDENT).astype(np.int16)
    return Asked(policy, rows, complete, as_of, seen, panel, groups, enrolled, without, unknown)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Indicators to be published, one a position: arrays are [n], those of a kind [n] too."""

    policy: Policy
    students: Integers
    days: Integers  # of a closing its day; of a current indicator the last complete day
    status: Integers
    band: Integers
    score_hundredths: Integers
    kinds: Scores  # [1, n]

    @property
    def sort(self) -> str:
        """Of all of them, which come by themselves: `sort_of`."""
        return sort_of(int(self.status[0]))

    def not_enrolled(self) -> "Cells":
        """The same, of students whose day lies in none of their periods."""
        status = np.full(len(self), STATUSES.index(Status.NOT_ENROLLED))
        return replace(self, status=status, band=np.zeros_like(self.band))

    def __len__(self) -> int:
        return len(self.students)


def chosen(evaluated: Evaluated, ids: Integers, which: Bits) -> Cells:
    """The cells where `which` [E, S] holds, by day and then by student."""
    days, columns = np.nonzero(which)
    picked = evaluated.scores.picked(days, columns)
    return Cells(
        policy=evaluated.policy,
        students=ids[evaluated.rows[columns]],
        days=evaluated.complete[days],
        status=picked.status[0].astype(np.int64),
        band=picked.band[0].astype(np.int64),
        score_hundredths=picked.score_hundredths[0],
        kinds=picked,
    )
