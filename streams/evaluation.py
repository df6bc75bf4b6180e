"""Asks the scoring kernel about students of a partition, and keeps the answer one row a cell.

A cell is one student on one evaluation day. What is compared and published are cells.
"""

from dataclasses import dataclass, replace

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
from streams import digests
from streams.calendars import CalendarVersion
from streams.excuses import Excuses
from streams.gaps import Lacks
from streams.hindsight import Steps
from streams.items import Items
from streams.states import NOT_ENROLLED, STATUSES, UNKNOWN_STUDENT, States, states_of
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

    def digests(self) -> NDArray[np.uint64]:
        """One number for everything a reader sees of each cell; it may be written to."""
        return digests.of_scores(self.policy.version, self.scores)

    @property
    def withheld(self) -> Bits:
        """Where the policy gives no indicator."""
        is_withheld: Bits = self.scores.status == digests.NOT_SCORED
        return is_withheld


def evaluate_rows(
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
) -> Evaluated:
    """The indicators of `rows` on E days; [E] each: complete < as_of, complete <= seen <= as_of.

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
    scores = evaluate(policy, panel, complete=complete, as_of=as_of, seen=seen, groups=groups)
    is_enrolled = enrolled[as_of - first]
    without = np.where(students.is_known[rows], NOT_ENROLLED, UNKNOWN_STUDENT).astype(np.int16)
    return Evaluated(
        policy=policy,
        rows=rows,
        complete=complete,
        scores=scores,
        states=np.where(is_enrolled, states_of(scores.status, scores.band), without),
        was_enrolled=enrolled[complete - first],
        is_enrolled=is_enrolled,
        unknown=unknown,
    )


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
    def common_status(self) -> Status:
        """The status of the first: cells of students without contributions come by themselves."""
        return STATUSES[int(self.status[0])]

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
