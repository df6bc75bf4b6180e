"""From a decoded slice of an activity topic to events that can be counted.

Checks here need nothing but the record itself. Whether an event lies in the future or is too late
depends on the day in progress when it was appended, and is decided when it is applied.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broker.blocks import Rows
from broker.fixed import fixed_bytes
from schemas.keys import partitions_of
from schemas.reasons import Reason
from schemas.types import STUDENT_ID_LIMIT, Action
from streams.campus import CampusDays

_KEY_BYTES: Final = 8
_ID_BYTES: Final = 16
_ASSERT: Final = list(Action).index(Action.ASSERT)


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that was decoded and is not accepted; its bytes still lie in the slice."""

    offset: int
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one topic-partition in order of offset; all arrays have one entry an event."""

    offsets: NDArray[np.int64]
    appended_ms: NDArray[np.int64]  # when the broker appended it, UTC
    occurred_ms: NDArray[np.int64]
    days: NDArray[np.int64]  # campus day of occurred_ms
    students: NDArray[np.int64]
    ids: NDArray[np.uint64]  # the first word of the event id

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, chosen: slice | NDArray[np.bool_]) -> "Events":
        return Events(
            self.offsets[chosen],
            self.appended_ms[chosen],
            self.occurred_ms[chosen],
            self.days[chosen],
            self.students[chosen],
            self.ids[chosen],
        )


def take_in(
    rows: Rows, *, partition: int, partitions: int, campus: CampusDays
) -> tuple[Events, Sequence[Refused]]:
    """The events of a slice's rows, and those refused with their reasons."""
    students = rows.values["student"].to_numpy()
    occurred = rows.values["occurred_at"].to_numpy()
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
            f"the student does not belong to partition {partition} of {partitions}; the producer"
            " has to pass the partition that schemas.keys.partition_of gives",
        ),
        (
            ~campus.contains(occurred),
            Reason.IMPOSSIBLE_TIME,
            "occurred_at does not lie between 1990 and 2100",
        ),
        (
            _is_unsupported(rows),
            Reason.UNSUPPORTED_ACTION,
            "retractions and revisions are not applied yet",
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
    words = fixed_bytes(rows.values["event_id"], _ID_BYTES)
    if words is None:
        raise TypeError("event_id is fixed(16) in every activity schema")
    events = Events(
        offsets=rows.offsets,
        appended_ms=rows.timestamps,
        occurred_ms=occurred,
        days=campus.of(occurred),
        students=students,
        ids=np.ascontiguousarray(words[:, :8]).view("<u8")[:, 0],
    )
    return (events[good] if refused else events), refused


def _is_not_key(rows: Rows, students: NDArray[np.int64]) -> NDArray[np.bool_]:
    keys = fixed_bytes(rows.keys, _KEY_BYTES)
    if keys is not None:
        differs: NDArray[np.bool_] = keys.view(">i8")[:, 0] != students
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
    students: NDArray[np.int64], partition: int, partitions: int
) -> NDArray[np.bool_]:
    elsewhere: NDArray[np.bool_] = partitions_of(students, partitions) != partition
    return elsewhere


def _is_unsupported(rows: Rows) -> NDArray[np.bool_]:
    # Retractions and revisions come with the engine's event set: their place is here and in
    # Window.add, which then keeps the revisions above 0 in a table beside the ids.
    revision = rows.values["revision"].to_numpy()
    action = rows.values["action"].to_numpy()
    unsupported: NDArray[np.bool_] = (revision != 0) | (action != _ASSERT)
    return unsupported
