"""The registry of tables: which topic goes where, and what each column is made of.

A record is loaded when its key names its student, the student is a pseudonym, and the date that
places it in a partition lies within the years that the worker knows. The worker quarantines
events that fail this, so the sink leaves them out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from schemas import topics
from schemas.avro import fields_of, schema_of
from schemas.topics import Topic
from schemas.types import KINDS, STUDENT_ID_LIMIT, Kind
from sinks import tombstones
from sinks.conversion import DAY_MS, converted
from sinks.details import details
from sinks.tombstones import Key

_RECORD_KEY: Final = "record_key"
_KEYED: Final = pl.col(_RECORD_KEY).is_not_null()
_STUDENT_BYTES: Final = 8
_EPOCH: Final = date(1970, 1, 1)
_FIRST_DAY: Final = (date(1990, 1, 1) - _EPOCH).days
_END_DAY: Final = (date(2100, 1, 1) - _EPOCH).days
_COUNT_LIMIT: Final = 2**32 - 1
# Keywords of SQL and other names that a reader of the table would stumble over.
_NAMES_IN_PERIODS: Final = {"from": "first_day", "to": "last_day"}


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table; `key`: what a tombstone's key names, None where its topics are not compacted.

    `coded`: its columns of few different texts, LowCardinality in ClickHouse.
    """

    name: str
    coded: frozenset[str]
    key: Key | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """From the records of a topic to the rows of a table.

    `copies`: tables with the same columns that are given the same, rows and deletions: a table that
    keeps the last word of a key, and its history.
    """

    table: Table
    columns: Sequence[pl.Expr]
    accepted: pl.Expr
    copies: Sequence[Table] = ()

    @property
    def tables(self) -> Sequence[Table]:
        """Every table that the rows go to."""
        return (self.table, *self.copies)

    def rows(self, values: pl.DataFrame, keys: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
        """The rows of the records that are accepted, and which of the records were.

        `values` are decoded columns, `keys` the records' keys.
        """
        frame = values.with_columns(keys.alias(_RECORD_KEY))
        accepted = frame.select(self.accepted.fill_null(value=False).alias("accepted")).to_series()
        if not accepted.all():
            frame = frame.filter(accepted)
        return frame.select(self.columns), accepted


EVENT: Final = Table("event", frozenset({"kind", "feed", "action"}))
DAILY: Final = Table("daily", frozenset({"writer"}), tombstones.STUDENT_DAY)
_INDICATOR_CODED: Final = frozenset({"status", "band", "reason", "writer"})
INDICATOR: Final = Table("indicator", _INDICATOR_CODED, tombstones.STUDENT)
INDICATOR_DAY: Final = Table("indicator_day", _INDICATOR_CODED | {"cause"}, tombstones.STUDENT_DAY)
INDICATOR_DAY_HISTORY: Final = Table(
    "indicator_day_history", INDICATOR_DAY.coded, tombstones.STUDENT_DAY
)
INDICATOR_CHANGE: Final = Table(
    "indicator_change",
    frozenset({"previous_status", "previous_band", "status", "band", "cause", "writer"}),
)
_ALERT_CODED: Final = frozenset({"rule", "state", "note", "cause", "writer"})
ALERT: Final = Table("alert", _ALERT_CODED | {"suggestion"}, tombstones.STUDENT_ALERT)
ALERT_HISTORY: Final = Table("alert_history", ALERT.coded, tombstones.STUDENT_ALERT)
ALERT_COMPLIANCE: Final = Table(
    "alert_compliance", _ALERT_CODED | {"basis"}, tombstones.STUDENT_ALERT
)
ALERT_COMPLIANCE_HISTORY: Final = Table(
    "alert_compliance_history", ALERT_COMPLIANCE.coded, tombstones.STUDENT_ALERT
)
STUDENT: Final = Table("student", frozenset(), tombstones.STUDENT)
EXPECTATION: Final = Table("expectation", frozenset({"kind", "module"}), tombstones.STUDENT_ITEM)
CIRCUMSTANCE: Final = Table("circumstance", frozenset({"sort"}), tombstones.STUDENT_CIRCUMSTANCE)
FEED_GAP: Final = Table("feed_gap", frozenset({"feed", "origin", "writer"}), tombstones.FEED_DAY)
FEED_MARK: Final = Table("feed_mark", frozenset({"feed"}), tombstones.FEED_DAY)
POLICY: Final = Table("policy", frozenset(), tombstones.VERSION)
CALENDAR: Final = Table("calendar", frozenset(), tombstones.VERSION)
GENERATION: Final = Table("generation", frozenset({"clock"}), tombstones.NAME)
QUARANTINE: Final = Table("quarantine", frozenset({"reason", "feed", "topic"}))

TABLES: Final = (
    EVENT,
    DAILY,
    INDICATOR,
    INDICATOR_DAY,
    INDICATOR_DAY_HISTORY,
    INDICATOR_CHANGE,
    ALERT,
    ALERT_HISTORY,
    ALERT_COMPLIANCE,
    ALERT_COMPLIANCE_HISTORY,
    STUDENT,
    EXPECTATION,
    CIRCUMSTANCE,
    FEED_GAP,
    FEED_MARK,
    POLICY,
    CALENDAR,
    GENERATION,
    QUARANTINE,
)

_COMMON: Final = (
    "event_id",
    "student",
    "occurred_at",
    "recorded_at",
    "feed",
    "revision",
    "action",
)
"""What every kind of event has; its other fields become `details`."""


def _owned() -> pl.Expr:
    """Whether the key begins with the student, and the student is a pseudonym."""
    head = pl.col(_RECORD_KEY).bin.slice(0, _STUDENT_BYTES)
    owner = head.bin.reinterpret(dtype=pl.Int64, endianness="big")
    return (owner == pl.col("student")) & pl.col("student").is_between(
        0, STUDENT_ID_LIMIT, closed="left"
    )


def _dated(name: str, unit: int) -> pl.Expr:
    return pl.col(name).is_between(_FIRST_DAY * unit, _END_DAY * unit, closed="left")


def _event(kind: Kind) -> Route:
    fields = {str(f["name"]): f for f in fields_of(schema_of(topics.ACTIVITY[kind]))}
    own = [name for name in fields if name not in _COMMON]
    kinds = pl.Enum([kind.value for kind in KINDS])
    columns = [
        *(converted(fields[name]) for name in _COMMON),
        pl.lit(kind.value, dtype=kinds).alias("kind"),
        pl.struct(own)
        .map_batches(lambda column: details(column.struct.unnest()), return_dtype=pl.String)
        .alias("details"),
    ]
    return Route(EVENT, columns, _owned() & _dated("occurred_at", DAY_MS))


def _mirror(
    table: Table,
    topic: Topic,
    accepted: pl.Expr,
    *,
    without: Collection[str] = (),
    copies: Sequence[Table] = (),
) -> Route:
    """Every field of a topic as a column of the same name, `without` some."""
    fields = [field for field in fields_of(schema_of(topic)) if field["name"] not in without]
    columns = [converted(field, _NAMES_IN_PERIODS) for field in fields]
    return Route(table, columns, accepted, copies)


def _daily() -> Route:
    counts = [kind.value for kind in KINDS]
    route = _mirror(DAILY, topics.DAILY, _owned() & _dated("day", 1))
    others = [column for column in route.columns if column.meta.output_name() not in counts]
    columns = [pl.col(name).clip(0, _COUNT_LIMIT).cast(pl.UInt32) for name in counts]
    return Route(DAILY, [*others, *columns], route.accepted)


def _generation() -> Route:
    """Its key is a name, and the only thing that tells a tombstone's row."""
    route = _mirror(GENERATION, topics.GENERATION, _KEYED)
    name = pl.col(_RECORD_KEY).cast(pl.String).alias("name")
    return Route(GENERATION, [name, *route.columns], _KEYED)


ROUTES: Final[Mapping[Topic, Route]] = {
    **{topic: _event(kind) for kind, topic in topics.ACTIVITY.items()},
    topics.DAILY: _daily(),
    topics.INDICATOR: _mirror(INDICATOR, topics.INDICATOR, _owned()),
    topics.INDICATOR_DAY: _mirror(
        INDICATOR_DAY,
        topics.INDICATOR_DAY,
        _owned() & _dated("day", 1),
        copies=(INDICATOR_DAY_HISTORY,),
    ),
    topics.INDICATOR_CHANGE: _mirror(INDICATOR_CHANGE, topics.INDICATOR_CHANGE, _owned()),
    topics.ALERT: _mirror(ALERT, topics.ALERT, _owned(), copies=(ALERT_HISTORY,)),
    topics.ALERT_COMPLIANCE: _mirror(
        ALERT_COMPLIANCE,
        topics.ALERT_COMPLIANCE,
        _owned(),
        copies=(ALERT_COMPLIANCE_HISTORY,),
    ),
    topics.STUDENT: _mirror(STUDENT, topics.STUDENT, _owned()),
    topics.EXPECTATION: _mirror(EXPECTATION, topics.EXPECTATION, _owned()),
    topics.CIRCUMSTANCE: _mirror(CIRCUMSTANCE, topics.CIRCUMSTANCE, _owned()),
    topics.FEED_GAP: _mirror(FEED_GAP, topics.FEED_GAP, _KEYED & _dated("day", 1)),
    # Positions are the worker's affair: thousands of numbers a mark.
    topics.FEED_MARK: _mirror(
        FEED_MARK, topics.FEED_MARK, _KEYED & _dated("day", 1), without={"positions"}
    ),
    topics.POLICY: _mirror(POLICY, topics.POLICY, _KEYED),
    topics.CALENDAR: _mirror(CALENDAR, topics.CALENDAR, _KEYED),
    topics.GENERATION: _generation(),
    topics.QUARANTINE: _mirror(QUARANTINE, topics.QUARANTINE, _KEYED),
}
"""Everything that is loaded. `day.closed` is not: it is the worker's own memory. Nor is
`sponsorship`: nobody who reads ClickHouse needs to know who is sponsored."""
