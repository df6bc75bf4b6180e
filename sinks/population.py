"""Whole populations, some students at a time: what they did, what was due, how they stand.

For questions about all students at once, such as what another policy would say of them. Days are
numbers of campus days. Every query reads FINAL, so each row is the last word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
from clickhouse_connect.driver.client import Client

from schemas.types import Day, StudentId
from sinks.clickhouse import ClickHouseAddress, frame_of
from sinks.naming import NAMING

STUDENTS_A_BLOCK: Final = 5_000
"""Of 72 days: 1.8 million cells a kind, some 70 MB of counts in all."""

_MOMENT: Final = """
SELECT toInt32(max(complete)) AS last_complete, toInt32(max(as_of)) AS in_progress
FROM indicator FINAL
HAVING count() > 0
"""
_STUDENTS: Final = """
SELECT
    student,
    arrayMap(p -> toInt32(p.first_day), periods) AS first,
    arrayMap(p -> ifNull(toInt32(p.last_day), -1), periods) AS last,
    arrayMap(p -> toString(p.level), periods) AS level,
    arrayMap(p -> toString(p.mode), periods) AS mode,
    arrayMap(p -> toString(p.programme), periods) AS programme,
    arrayMap(p -> toString(p.status), periods) AS status
FROM student FINAL
WHERE student > {after:Int64}
ORDER BY student
LIMIT {limit:UInt32}
"""
_COUNTS: Final = """
SELECT
    student,
    toInt32(day) AS campus_day,
    tap_in,
    faser_upload,
    faser_view,
    library_loan,
    listen_again,
    pc_login,
    reading_list,
    moodle_course,
    moodle_login,
    moodle_mobile
FROM daily FINAL
WHERE student BETWEEN {first:Int64} AND {last:Int64}
    AND day BETWEEN toDate32({from:Int32}) AND toDate32({to:Int32})
"""
# Events that meet an item name it, and lie no further before its day than `early`.
_ITEMS: Final = """
SELECT
    student,
    kind,
    due_on,
    nullIf(arrayMin(arrayFilter(day -> day >= due_on - {early:Int32}, named_on)), 0) AS met_on
FROM
(
    SELECT student, item, toString(kind) AS kind, toInt32(due) AS due_on
    FROM expectation FINAL
    WHERE student BETWEEN {first:Int64} AND {last:Int64}
        AND due BETWEEN toDate32({from:Int32}) AND toDate32({to:Int32})
) AS expected
LEFT JOIN
(
    SELECT
        student,
        JSONExtractString(
            latest_details,
            transform(toString(kind), {kinds:Array(String)}, {names:Array(String)}, '')
        ) AS item,
        toString(kind) AS kind,
        groupUniqArray(toInt32(toDate32(toTimeZone(occurred_at, {zone:String})))) AS named_on
    FROM activity
    WHERE student BETWEEN {first:Int64} AND {last:Int64} AND kind IN {kinds:Array(String)}
    GROUP BY student, item, kind
) AS named USING (student, item, kind)
ORDER BY student, due_on
"""
_CIRCUMSTANCES: Final = """
SELECT
    student,
    circumstance,
    toString(sort) AS sort,
    arrayMap(one -> toString(one.kind), kinds) AS kinds,
    toInt32(first_day) AS first_day,
    toInt32(last_day) AS last_day,
    toInt32(extend_days) AS extend_days,
    toInt32(declared_on) AS declared_on,
    toInt32(withdrawn_on) AS withdrawn_on
FROM circumstance FINAL
WHERE student BETWEEN {first:Int64} AND {last:Int64}
"""
_STATES: Final = """
SELECT student, toString(status) AS status, toString(band) AS band, score
FROM indicator FINAL
WHERE student BETWEEN {first:Int64} AND {last:Int64}
ORDER BY student
"""
_MODULES: Final = """
SELECT DISTINCT student, module
FROM
(
    SELECT student, ifNull(toString(module), '') AS module
    FROM expectation FINAL
    WHERE student BETWEEN {first:Int64} AND {last:Int64}
        AND due BETWEEN toDate32({from:Int32}) AND toDate32({to:Int32})
    UNION ALL
    SELECT student, JSONExtractString(latest_details, 'module') AS module
    FROM activity
    WHERE student BETWEEN {first:Int64} AND {last:Int64}
        AND toDate32(toTimeZone(occurred_at, {zone:String}))
            BETWEEN toDate32({from:Int32}) AND toDate32({to:Int32})
)
WHERE module != ''
ORDER BY student, module
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Students and campus days, both ends included."""

    first: StudentId
    last: StudentId
    start: Day
    end: Day


class Population:
    """Questions to the database of `client`. All calls raise Unreachable when it fails."""

    def __init__(self, client: Client, address: ClickHouseAddress) -> None:
        self._client = client
        self._address = address

    def moment(self) -> tuple[Day, Day] | None:
        """The last complete day and the day in progress that indicators tell of; None: of none."""
        found = self._frame(_MOMENT)
        if found.is_empty():
            return None
        complete, as_of = found.row(0)
        return Day(complete), Day(as_of)

    def students(self, after: int, limit: int = STUDENTS_A_BLOCK) -> pl.DataFrame:
        """The next students behind `after`, with their periods.

        Columns: `student`; lists, an element a period: `first`, `last` (-1 while it is open),
        `level`, `mode`, `programme`, `status`.
        """
        return self._frame(_STUDENTS, after=after, limit=limit)

    def counts(self, span: Span) -> pl.DataFrame:
        """What was done: columns `student`, `campus_day` and one of each kind's name."""
        return self._frame(_COUNTS, **_named(span))

    def items(self, span: Span, zone: str, early_days: int) -> pl.DataFrame:
        """What was due on the span's days: `student`, `kind`, `due_on`, and `met_on`.

        `due_on`: the day that was set first. `met_on`: the day of the first activity that names the
        item, no more than `early_days` before that; null where none does.
        """
        return self._frame(_ITEMS, **_named(span), zone=zone, early=early_days, **NAMING)

    def circumstances(self, first: StudentId, last: StudentId) -> pl.DataFrame:
        """What some students are or were excused from: the columns of the topic's records."""
        found = self._frame(_CIRCUMSTANCES, first=first, last=last)
        kinds = pl.col("kinds").list.eval(pl.struct(pl.element().alias("kind")))
        return found.with_columns(kinds)

    def states(self, span: Span) -> pl.DataFrame:
        """How students stand now: `student`, `status`, `band`, `score`."""
        return self._frame(_STATES, first=span.first, last=span.last)

    def modules(self, span: Span, zone: str) -> pl.DataFrame:
        """Who took which module, by what was due and what was done: `student`, `module`."""
        return self._frame(_MODULES, **_named(span), zone=zone)

    def _frame(self, sql: str, **parameters: int | str | Sequence[str]) -> pl.DataFrame:
        return frame_of(self._client, self._address, sql, parameters)


def _named(span: Span) -> dict[str, int]:
    return {"first": span.first, "last": span.last, "from": span.start, "to": span.end}
