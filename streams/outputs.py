"""From an outcome to the records of its transaction: columns in, encoded values and keys out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from broker.transactions import Messages
from schemas import topics
from schemas.avro import schema_of
from schemas.columns import Coded, Column, ColumnEncoder, Items, Nullable
from schemas.keys import student_day_keys, student_keys
from schemas.topics import Topic
from schemas.types import KINDS, Status
from streams.evaluation import Cells
from streams.joining import joined
from streams.outcome import Changes, Closings, Daily, Indicators, Told
from streams.reasons import contribution_reasons, overall_reasons
from streams.single_messages import single_messages
from streams.stamp import Stamp
from streams.states import NOT_ENROLLED_SORT, SCORED_SORT, STATUSES, bands_in, statuses_in
from streams.window import KIND_ROW

Integers = NDArray[np.int64]
T = TypeVar("T", bound=np.generic)
Part = TypeVar("Part", Closings, Changes, Indicators, Daily)

_BEFORE_FIRST: Final = 1  # Status.NONE, which only `previous_status` can be
_SCORED: Final = STATUSES.index(Status.SCORED)
_ENCODED: Final = (topics.INDICATOR, topics.INDICATOR_DAY, topics.INDICATOR_CHANGE, topics.DAILY)
_REASONS: Final = {
    Status.NOT_ENROLLED: "the day lies in none of the student's periods",
    Status.UNKNOWN_STUDENT: "there is no student record",
}


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Of the records of several partitions, each of which has a writer of its own."""

    writer: Column
    now_ms: int


def _stamp(stamps: Sequence[Stamp], sizes: Sequence[int]) -> _Stamp:
    if len(stamps) == 1:
        return _Stamp(stamps[0].writer, stamps[0].now_ms)
    of_record = np.repeat(np.arange(len(stamps)), sizes)
    return _Stamp(Coded(of_record, [stamp.writer for stamp in stamps]), stamps[0].now_ms)


class Outputs:
    """Encodes outcomes under the ids that the registry gave the shipped schemas."""

    def __init__(self, schema_ids: Mapping[Topic, int], generation: str) -> None:
        self._ids = schema_ids
        self._generation = generation
        self._encoders = {t: ColumnEncoder(schema_of(t), schema_ids[t]) for t in _ENCODED}

    def messages(self, told: Sequence[Told]) -> list[list[Messages]]:
        """Everything that outcomes of different partitions have to say, in their order.

        The order within a topic is that of an outcome. What is alike in several of them is encoded
        in one go: a record is a few microseconds' work, and a go some milliseconds'.
        """
        outcomes = [one.outcome for one in told]
        found: list[list[Messages]] = [[] for _ in told]
        self._share(found, told, [one.closings for one in outcomes], self._closings)
        self._share(found, told, [one.changes for one in outcomes], self._changes)
        self._share(found, told, [one.indicators for one in outcomes], self._indicators)
        self._share(found, told, [one.daily for one in outcomes], self._daily)
        for one, messages in zip(told, found, strict=True):
            messages += single_messages(self._generation, self._ids, one)
        return found

    def _share(
        self,
        found: Sequence[list[Messages]],
        told: Sequence[Told],
        parts: Sequence[Sequence[Part]],
        encode: Callable[[Part, _Stamp], Messages],
    ) -> None:
        """`parts`: what each outcome has for a topic, one behind the other."""
        for turn in zip_longest(*parts):
            alike: dict[object, list[int]] = {}
            for place, part in enumerate(turn):
                if part is not None:
                    alike.setdefault(part.alike, []).append(place)
            for places in alike.values():
                some = [turn[place] for place in places]
                sizes = [len(part) for part in some]
                messages = encode(joined(some), _stamp([told[p].stamp for p in places], sizes))
                end = 0
                for place, size in zip(places, sizes, strict=True):
                    mine = slice(end, end := end + size)
                    found[place].append(
                        Messages(messages.topic, messages.keys[mine], messages.values[mine])
                    )

    def _closings(self, closings: Closings, stamp: _Stamp) -> Messages:
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

    def _changes(self, changes: Changes, stamp: _Stamp) -> Messages:
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

    def _indicators(self, indicators: Indicators, stamp: _Stamp) -> Messages:
        cells, is_unscored = indicators.cells, indicators.sort == NOT_ENROLLED_SORT
        columns: dict[str, Column] = {
            "student": cells.students,
            "as_of": indicators.as_of,
            "complete": cells.days,
            **(_unscored(indicators) if is_unscored else _result(cells)),
            "sequence": indicators.sequences,
            "version": indicators.versions,
            "computed_at": stamp.now_ms,
            "writer": stamp.writer,
        }
        return self._encoded(topics.INDICATOR, student_keys(cells.students), columns)

    def _daily(self, daily: Daily, stamp: _Stamp) -> Messages:
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
        "reason": _REASONS.get(STATUSES[int(cells.status[0])]) or overall_reasons(cells.kinds),
        "policy": cells.policy.version,
    }
    if cells.sort != SCORED_SORT:
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
