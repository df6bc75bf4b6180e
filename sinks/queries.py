"""The read side: what people ask, in SQL. Every query reads FINAL, so each row is the last word.

All calls raise Unreachable when ClickHouse fails.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import polars as pl
from clickhouse_connect.driver.client import Client

from schemas.types import AlertState, Band, Day, Status, StudentId
from sinks.alerts import ComplianceAlert, RaisedAlert
from sinks.answers import Change, Closing, Coursework, CurrentIndicator, Row
from sinks.clickhouse import FAILURES, ClickHouseAddress, frame_of, unreachable
from sinks.tables import TABLES

Parameter: TypeAlias = int | str | Sequence[str]

STUDENTS_A_BLOCK: Final = 250
"""Of `all_closings`: a year of them is 90,000 rows, about 50 MB."""

_CLOSINGS: Final = """
SELECT student, day, status, band, score, reason, contributions, policy, revision, cause,
    computed_at
FROM indicator_day FINAL
WHERE student = {student:Int64}
    AND day BETWEEN toDate32({first:Int32}) AND toDate32({last:Int32})
ORDER BY day
"""
# What was published before there was a history is in the table itself.
_PUBLISHED: Final = """
SELECT DISTINCT *
FROM
(
    SELECT student, day, status, band, score, reason, contributions, policy, revision, cause,
        computed_at
    FROM indicator_day_history FINAL
    WHERE student = {student:Int64} AND day = toDate32({day:Int32})
    UNION ALL
    SELECT student, day, status, band, score, reason, contributions, policy, revision, cause,
        computed_at
    FROM indicator_day FINAL
    WHERE student = {student:Int64} AND day = toDate32({day:Int32})
)
ORDER BY computed_at, revision
"""
_ALERTS: Final = """
SELECT DISTINCT *
FROM
(
    SELECT student, alert, rule, raised, ended, state, evidence, suggestion, note, policy,
        revision, cause, computed_at
    FROM alert_history FINAL
    WHERE student = {student:Int64}
    UNION ALL
    SELECT student, alert, rule, raised, ended, state, evidence, suggestion, note, policy,
        revision, cause, computed_at
    FROM alert FINAL
    WHERE student = {student:Int64}
)
ORDER BY computed_at, revision
"""
_COMPLIANCE: Final = """
SELECT student, alert, rule, raised, ended, state, evidence, basis, note, policy, revision, cause,
    computed_at
FROM alert_compliance FINAL
WHERE state IN {states:Array(String)}
ORDER BY raised, student, rule
"""
_INDICATOR: Final = """
SELECT student, as_of, complete, status, band, score, reason, contributions, policy, sequence,
    version, computed_at
FROM indicator FINAL
WHERE student = {student:Int64}
"""
_CHANGES: Final = """
SELECT student, sequence, as_of, previous_status, previous_band, status, band, score, cause,
    policy, changed_at
FROM indicator_change FINAL
WHERE student = {student:Int64}
ORDER BY sequence
"""
_CHAIN_BREAKS: Final = """
SELECT countIf(
    sequence != former_sequence + 1
    OR previous_status != former_status
    OR previous_band != former_band) AS breaks
FROM
(
    SELECT
        sequence,
        previous_status,
        previous_band,
        lagInFrame(sequence, 1, 0) OVER chain AS former_sequence,
        lagInFrame(toString(status), 1, 'none') OVER chain AS former_status,
        lagInFrame(toString(band), 1, 'none') OVER chain AS former_band
    FROM indicator_change FINAL
    WINDOW chain AS (
        PARTITION BY student ORDER BY sequence ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
"""
_BAND_COUNTS: Final = """
SELECT if(status = 'scored', band, status) AS name, count() AS students
FROM indicator FINAL
GROUP BY name
"""
_ROW_COUNT: Final = "SELECT count() AS rows FROM {table:Identifier} FINAL"
_COURSEWORK: Final = """
SELECT student, item, kind, module, due
FROM expectation FINAL
WHERE student = {student:Int64}
ORDER BY due, item
"""
_EXAMPLES: Final = """
SELECT student
FROM
(
    SELECT student, status, band
    FROM indicator FINAL
    ORDER BY student
    LIMIT {limit:UInt32} BY status, band
)
ORDER BY row_number() OVER (PARTITION BY status, band ORDER BY student), status != 'scored', student
LIMIT {limit:UInt32}
"""
_NEXT_STUDENTS: Final = """
SELECT DISTINCT student
FROM indicator_day
WHERE student > {after:Int64}
ORDER BY student
LIMIT {limit:UInt32}
"""
_CLOSINGS_OF_STUDENTS: Final = """
SELECT student, day, status, band, score, reason, contributions, policy, revision, cause,
    computed_at
FROM indicator_day FINAL
WHERE student BETWEEN {first:Int64} AND {last:Int64}
ORDER BY student, day
"""


class Queries:
    """Questions to the database of `client`; may be asked by several threads at once."""

    def __init__(self, client: Client, address: ClickHouseAddress) -> None:
        self._client = client
        self._address = address

    def current_indicator(self, student: StudentId) -> CurrentIndicator | None:
        """A student's indicator as of now; None when there is none."""
        found = self.rows(_INDICATOR, student=student)
        return CurrentIndicator.read(found[0]) if found else None

    def closing(self, student: StudentId, day: Day) -> Closing | None:
        """A student's closing indicator of one day; None when there is none."""
        found = self.closings(student, day, day)
        return found[0] if found else None

    def closings(self, student: StudentId, first: Day, last: Day) -> Sequence[Closing]:
        """A student's closing indicators from one day to another, both included, by day."""
        rows = self.rows(_CLOSINGS, student=student, first=first, last=last)
        return [Closing.read(row) for row in rows]

    def published(self, student: StudentId, day: Day) -> Sequence[Closing]:
        """Every closing of a day that was ever published, the first one first.

        What was known at an instant is the last one that was computed by then.
        """
        return [Closing.read(row) for row in self.rows(_PUBLISHED, student=student, day=day)]

    def alerts(self, student: StudentId, known_at: datetime | None = None) -> Sequence[RaisedAlert]:
        """A student's alerts, by the day on which they were raised, in their last state.

        With `known_at`, as they were known at that instant.
        """
        last: dict[str, RaisedAlert] = {}
        for row in self.rows(_ALERTS, student=student):
            alert = RaisedAlert.read(row)
            if known_at is None or alert.computed_at <= known_at:
                last[alert.name] = alert
        return sorted(last.values(), key=lambda alert: (alert.raised, alert.name))

    def compliance_alerts(self, *, are_all: bool = False) -> Sequence[ComplianceAlert]:
        """What a sponsor of visas has to look at, the oldest first: what is open, or all."""
        states = [one.value for one in AlertState if are_all or one is AlertState.OPEN]
        return [ComplianceAlert.read(row) for row in self.rows(_COMPLIANCE, states=states)]

    def all_closings(self) -> Iterator[pl.DataFrame]:
        """Every closing indicator, by student and day, some students at a time.

        The columns are those of `indicator_day` but for the writer: `day` is a date,
        `contributions` a list of structs. A year of 20,000 students passes through in 80 blocks.
        """
        after = -1
        while True:
            rows = self.rows(_NEXT_STUDENTS, after=after, limit=STUDENTS_A_BLOCK)
            if not rows:
                return
            first, after = rows[0]["student"], rows[-1]["student"]
            yield self._frame(_CLOSINGS_OF_STUDENTS, first=first, last=after)

    def changes(self, student: StudentId) -> Sequence[Change]:
        """A student's changes of status or band, the first one first."""
        return [Change.read(row) for row in self.rows(_CHANGES, student=student)]

    def changes_chain_breaks(self) -> int:
        """Places where a chain of changes is broken, over all students.

        There, sequence numbers are missing before a change, or what it calls the former status
        and band are not those of the change before it. Before the first, both are `none`.
        """
        breaks: int = self.rows(_CHAIN_BREAKS)[0]["breaks"]
        return breaks

    def band_counts(self) -> Mapping[str, int]:
        """Students by the band of their current indicator, highest first, then by status."""
        found = {row["name"]: row["students"] for row in self.rows(_BAND_COUNTS)}
        names = [*reversed(Band), *Status]
        return {name.value: found[name.value] for name in names if name.value in found}

    def row_counts(self) -> Mapping[str, int]:
        """How many rows each table has."""
        return {table.name: self.rows(_ROW_COUNT, table=table.name)[0]["rows"] for table in TABLES}

    def coursework(self, student: StudentId) -> Sequence[Coursework]:
        """What is expected of a student, by the day on which it is due."""
        return [Coursework.read(row) for row in self.rows(_COURSEWORK, student=student)]

    def students(self, limit: int = 5) -> Sequence[StudentId]:
        """Some students who have an indicator, as different ones as there are."""
        return [StudentId(row["student"]) for row in self.rows(_EXAMPLES, limit=limit)]

    def rows(self, sql: str, **parameters: Parameter) -> list[Row]:
        """The answer to a question of the caller's own, a row by the names of its columns each."""
        try:
            return list(self._client.query(sql, parameters=parameters).named_results())
        except FAILURES as error:
            raise unreachable(self._address, "answer a question", error) from error

    def _frame(self, sql: str, **parameters: int) -> pl.DataFrame:
        return frame_of(self._client, self._address, sql, parameters)
