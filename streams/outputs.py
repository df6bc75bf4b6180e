"""From an outcome to the records of its transaction: columns in, encoded values and keys out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from broker.transactions import Messages
from schemas import topics
from schemas.avro import schema_of
from schemas.columns import Coded, Column, ColumnEncoder, Items, Nullable
from schemas.keys import feed_day_key, number_key, student_day_keys, student_keys
from schemas.topics import Topic
from schemas.types import KINDS, Status
from schemas.wire import encode
from streams.alert_records import alert_messages
from streams.campus import as_date, as_instant
from streams.evaluation import Cells
from streams.outcome import Changes, Closings, Daily, Indicators, Outcome
from streams.reasons import contribution_reasons, overall_reasons
from streams.stamp import Stamp
from streams.states import STATUSES, bands_in, statuses_in
from streams.window import KIND_ROW

Integers = NDArray[np.int64]
T = TypeVar("T", bound=np.generic)

_BEFORE_FIRST: Final = 1  # Status.NONE, which only `previous_status` can be
_SCORED: Final = STATUSES.index(Status.SCORED)
_ENCODED: Final = (topics.INDICATOR, topics.INDICATOR_DAY, topics.INDICATOR_CHANGE, topics.DAILY)
_REASONS: Final = {
    Status.NOT_ENROLLED: "the day lies in none of the student's periods",
    Status.UNKNOWN_STUDENT: "there is no student record",
}
_WITHOUT_CONTRIBUTIONS: Final = (Status.NOT_SCORED, *_REASONS)


class Outputs:
    """Encodes outcomes under the ids that the registry gave the shipped schemas."""

    def __init__(self, schema_ids: Mapping[Topic, int], generation: str) -> None:
        self._ids = schema_ids
        self._generation = generation
        self._encoders = {t: ColumnEncoder(schema_of(t), schema_ids[t]) for t in _ENCODED}

    def messages(self, partition: int, outcome: Outcome, stamp: Stamp) -> Iterator[Messages]:
        """Everything the outcome has to say; the order within a topic is that of the outcome."""
        for closings in outcome.closings:
            yield self._closings(closings, stamp)
        for changes in outcome.changes:
            yield self._changes(changes, stamp)
        for indicators in outcome.indicators:
            yield self._indicators(indicators, stamp)
        for daily in outcome.daily:
            yield self._daily(daily, stamp)
        for alerts in outcome.alerts:
            yield alert_messages(alerts, self._ids[alerts.topic], stamp)
        if outcome.gaps:
            yield self._gaps(outcome, stamp)
        if outcome.rejected:
            yield self._quarantine(partition, outcome, stamp)
        if outcome.closed is not None:
            yield self._closed(partition, outcome, stamp)

    def _closings(self, closings: Closings, stamp: Stamp) -> Messages:
        cells = closings.cells
        columns: dict[str, Column] = {
            "student": cells.students,
            "day": cells.days,
            **_result(cells),
            "revision": closings.revisions,
            "cause": closings.cause.value,
            "computed_at": stamp.now_ms,
            "writer": stamp.writer,
        }
        keys = student_day_keys(cells.students, cells.days)
        return self._encoded(topics.INDICATOR_DAY, keys, columns)

    def _changes(self, changes: Changes, stamp: Stamp) -> Messages:
        status = statuses_in(changes.states)
        columns: dict[str, Column] = {
            "student": changes.students,
            "sequence": changes.sequences,
            "as_of": changes.as_of,
            "previous_status": statuses_in(changes.previous),
            "previous_band": bands_in(changes.previous),
            "status": status - _BEFORE_FIRST,
            "band": bands_in(changes.states),
            "score": Nullable(status == _SCORED, changes.score_hundredths / 100),
            "cause": changes.cause.value,
            "policy": changes.policy,
            "changed_at": stamp.now_ms,
            "writer": stamp.writer,
        }
        return self._encoded(topics.INDICATOR_CHANGE, student_keys(changes.students), columns)

    def _indicators(self, indicators: Indicators, stamp: Stamp) -> Messages:
        cells = indicators.cells
        status = STATUSES[int(statuses_in(indicators.states[:1])[0])]
        columns: dict[str, Column] = {
            "student": cells.students,
            "as_of": indicators.as_of,
            "complete": cells.days,
            **(_unscored(indicators) if status in _REASONS else _result(cells)),
            "sequence": indicators.sequences,
            "version": indicators.versions,
            "computed_at": stamp.now_ms,
            "writer": stamp.writer,
        }
        return self._encoded(topics.INDICATOR, student_keys(cells.students), columns)

    def _daily(self, daily: Daily, stamp: Stamp) -> Messages:
        columns: dict[str, Column] = {
            "student": daily.students,
            "day": daily.days,
            "revision": daily.revisions,
            **{kind.value: daily.counts[KIND_ROW[kind]].astype(np.int64) for kind in KINDS},
            "counted_at": stamp.now_ms,
            "writer": stamp.writer,
        }
        keys = student_day_keys(daily.students, daily.days)
        return self._encoded(topics.DAILY, keys, columns)

    def _gaps(self, outcome: Outcome, stamp: Stamp) -> Messages:
        topic = topics.FEED_GAP
        keys = [feed_day_key(gap.feed, gap.day) for gap in outcome.gaps]
        values = [
            encode(
                topic,
                self._ids[topic],
                {
                    "feed": gap.feed,
                    "day": as_date(gap.day),
                    "origin": gap.origin.value,
                    "declared_on": as_date(gap.declared_on),
                    "withdrawn_on": None if gap.withdrawn_on is None else as_date(gap.withdrawn_on),
                    "decided_at": as_instant(stamp.now_ms),
                    "writer": stamp.writer,
                },
            )
            for gap in outcome.gaps
        ]
        return Messages(topic, keys, values)

    def _quarantine(self, partition: int, outcome: Outcome, stamp: Stamp) -> Messages:
        topic = topics.QUARANTINE
        keys: list[bytes] = []
        values: list[bytes] = []
        for name, rejected in outcome.rejected:
            origin = f"leap.{self._generation}.{name}[{partition}]@{rejected.offset}"
            record = {
                "reason": rejected.reason.value,
                "message": rejected.message,
                "origin": origin,
                "feed": "",
                "topic": name,
                "partition": partition,
                "offset": rejected.offset,
                "first_seen": as_instant(stamp.now_ms),
                "key": rejected.key,
                "raw": rejected.raw,
            }
            keys.append(origin.encode())
            values.append(encode(topic, self._ids[topic], record))
        return Messages(topic, keys, values)

    def _closed(self, partition: int, outcome: Outcome, stamp: Stamp) -> Messages:
        topic = topics.DAY_CLOSED
        record = {
            "partition": partition,
            "day": as_date(outcome.closed or 0),
            "students": outcome.students,
            "closed_at": as_instant(stamp.now_ms),
            "writer": stamp.writer,
        }
        value = encode(topic, self._ids[topic], record)
        return Messages(topic, [number_key(partition)], [value])

    def _encoded(
        self, topic: Topic, keys: Sequence[bytes], columns: Mapping[str, Column]
    ) -> Messages:
        return Messages(topic, keys, self._encoders[topic].encode(columns, len(keys)))


def _result(cells: Cells) -> dict[str, Column]:
    """The fields that indicators and closings share."""
    of_kinds = list(cells.kinds.kinds.items())
    count, items = len(cells), len(of_kinds)
    shared: dict[str, Column] = {
        "status": cells.status - _BEFORE_FIRST,
        "band": cells.band,
        "score": Nullable(cells.status == _SCORED, cells.score_hundredths / 100),
        "reason": _REASONS.get(cells.common_status) or overall_reasons(cells.kinds),
        "policy": cells.policy.version,
    }
    if cells.common_status in _WITHOUT_CONTRIBUTIONS:
        return shared | {"contributions": Items({}, 0)}

    def side_by_side(columns: Sequence[NDArray[T]]) -> NDArray[T]:
        return np.stack([column[0] for column in columns], axis=1)

    contributions: dict[str, Column] = {
        "kind": Coded(
            np.broadcast_to(np.arange(items), (count, items)), [kind.value for kind, _ in of_kinds]
        ),
        "counted": side_by_side([scores.counted for _, scores in of_kinds]),
        "reason": contribution_reasons(cells.kinds),
        "amount": side_by_side([scores.amount for _, scores in of_kinds]),
        "days": side_by_side([scores.days_percent / 100 for _, scores in of_kinds]),
        "rate": side_by_side([scores.rate_hundredths / 100 for _, scores in of_kinds]),
        "points": side_by_side([scores.points_hundredths / 100 for _, scores in of_kinds]),
        "weight": side_by_side(
            [np.broadcast_to(cells.kinds.weight(kind), (1, count)) for kind, _ in of_kinds]
        ),
        "due": side_by_side(
            [scores.due if scores.due is not None else _no_items(count) for _, scores in of_kinds]
        ),
    }
    return shared | {"contributions": Items(contributions, items)}


def _no_items(count: int) -> Integers:
    return np.zeros((1, count), np.int64)


def _unscored(indicators: Indicators) -> dict[str, Column]:
    """The same fields for students who have no place in scoring."""
    codes = statuses_in(indicators.states)
    reasons = [_REASONS.get(status, "") for status in STATUSES]
    return {
        "status": codes - _BEFORE_FIRST,
        "band": bands_in(indicators.states),
        "score": None,
        "reason": Coded(codes, reasons),
        "contributions": Items({}, 0),
        "policy": indicators.cells.policy.version,
    }
