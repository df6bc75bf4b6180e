"""From a decoded slice of an activity topic to events that can be counted.

Checks here need nothing but the record itself. Whether an event lies in the future or is too late
depends on the day in progress when it was appended, and is decided when it is applied.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from broker.blocks import Rows
from schemas.keys import partitions_of
from schemas.reasons import Reason
from schemas.types import KINDS, STUDENT_ID_LIMIT, Action, Kind
from schemas.views import fixed_bytes
from scoring.items import NAMED_BY
from streams.campus import CampusDays
from streams.columns import Columns
from streams.item_words import Words, met_by

Partitions: TypeAlias = int | NDArray[np.int64]

_KEY_BYTES: Final = 8
_ID_BYTES: Final = 16
_RETRACT: Final = list(Action).index(Action.RETRACT)
# Odd 64-bit constants of the golden ratio and of MurmurHash3; they spread numbers over 64 bits.
_SECOND_WORD: Final = np.uint64(0x9E3779B97F4A7C15)
_STUDENT: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_KIND: Final = 0xFF51AFD7ED558CCD


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that was decoded and is not accepted; its bytes still lie in the slice."""

    offset: int
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Events(Columns):
    """Events, [n] each; those of one topic-partition are in order of offset."""

    offsets: NDArray[np.int64]
    appended_ms: NDArray[np.int64]  # when the broker appended it, UTC
    occurred_ms: NDArray[np.int64]
    days: NDArray[np.int64]  # campus day of occurred_ms
    students: NDArray[np.int64]
    ids: NDArray[np.uint64]  # one word for event id, student and kind together
    ranks: NDArray[np.int64]  # 2 x revision, and 1 more for a retraction: `streams.identities`
    items: Words  # what each meets; NO_ITEM where it names nothing: `streams.item_words`


def take_in(
    rows: Rows, *, kind: Kind, partition: Partitions, partitions: int, campus: CampusDays
) -> tuple[Events, Sequence[Refused]]:
    """The events of these rows, and those refused with their reasons.

    `partition`: that all of them lie in, or of each row.
    """
    students = rows.values["student"].to_numpy()
    occurred = rows.values["occurred_at"].to_numpy()
    revision = rows.values["revision"].to_numpy()
    here = f"partition {partition}" if isinstance(partition, int) else "this partition"
    verdicts = [
        (_is_not_key(rows, students), Reason.KEY_MISMATCH, "the key is not the student's 8 bytes"),
        (
            (students < 0) | (students >= STUDENT_ID_LIMIT),
            Reason.IMPOSSIBLE_STUDENT,
            "the student is not a pseudonym of 0 to 2**53 - 1",
        ),
        (
            _is_elsewhere(students, partition, partitions),
            Reason.WRONG_PARTITION,
            f"the student does not belong to {here} of {partitions}; the producer has to pass the"
            " partition that schemas.keys.partition_of gives",
        ),
        (
            ~campus.contains(occurred),
            Reason.IMPOSSIBLE_TIME,
            "occurred_at does not lie between 1990 and 2100",
        ),
        (
            revision < 0,
            Reason.IMPOSSIBLE_REVISION,
            "the revision is negative; the first of an id is 0, each later one is higher",
        ),
    ]
    refused: list[Refused] = []
    good = np.ones(len(students), np.bool_)
    for wrong, reason, message in verdicts:
        for at in np.flatnonzero(wrong & good).tolist():
            refused.append(Refused(int(rows.offsets[at]), reason, message))
        good &= ~wrong
    if refused:
        occurred = np.where(good, occurred, campus.start_ms(campus.day_of(0x19A_0000_0000)))
    events = Events(
        offsets=rows.offsets,
        appended_ms=rows.timestamps,
        occurred_ms=occurred,
        days=campus.of(occurred),
        students=students,
        ids=_ids(rows, students, kind),
        ranks=2 * revision.astype(np.int64) + (rows.values["action"].to_numpy() == _RETRACT),
        items=_items(rows, students, kind),
    )
    return (events[good] if refused else events), refused


def _items(rows: Rows, students: NDArray[np.int64], kind: Kind) -> Words:
    if kind not in NAMED_BY:
        return np.zeros(len(students), np.uint64)
    return met_by(rows.values[NAMED_BY[kind]], students, kind)


def _is_not_key(rows: Rows, students: NDArray[np.int64]) -> NDArray[np.bool_]:
    keys = fixed_bytes(rows.keys, _KEY_BYTES)
    if keys is not None:
        differs: NDArray[np.bool_] = np.ascontiguousarray(keys).view(">i8")[:, 0] != students
        return differs
    wanted = students.tolist()
    return np.array(
        [
            key is None or len(key) != _KEY_BYTES or int.from_bytes(key, signed=True) != student
            for key, student in zip(rows.keys.to_list(), wanted, strict=True)
        ],
        np.bool_,
    )


def _is_elsewhere(
    students: NDArray[np.int64], partition: Partitions, partitions: int
) -> NDArray[np.bool_]:
    elsewhere: NDArray[np.bool_] = partitions_of(students, partitions) != partition
    return elsewhere


def _ids(rows: Rows, students: NDArray[np.int64], kind: Kind) -> NDArray[np.uint64]:
    """Who made an id does not make it another student's or another kind's: all three name it.

    With the campus day under which it is kept, two of n events of a partition's day share a word
    with a chance of n**2 / 2**65, one in a hundred million for half a million.
    """
    words = fixed_bytes(rows.values["event_id"], _ID_BYTES)
    if words is None:
        raise TypeError("event_id is fixed(16) in every activity schema")
    halves = words.view("<u8")
    ids: NDArray[np.uint64] = halves[:, 0] ^ (halves[:, 1] * _SECOND_WORD)
    ids ^= students.view(np.uint64) * _STUDENT
    ids ^= np.uint64(KINDS.index(kind) * _KIND % 2**64)
    return ids
