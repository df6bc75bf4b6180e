"""The slow path's first half: the records in a batch's frames, each by itself.

A bad record does not take its neighbours with it: what has no key or no value where it needs one
is rejected with its reason and its bytes. Where the framing itself is damaged, nothing behind the
damage can be told apart, and the rest of the batch is rejected as one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from broker.batches import Batch
from broker.codecs import decompress
from broker.frames import Frames, divide
from broker.slices import Slice
from broker.spans import Spans
from schemas.errors import Undecodable
from schemas.reasons import Reason

Integers = NDArray[np.int64]

RAW_LIMIT_BYTES: Final = 256 << 10  # of a rejected record, so that its copy fits into a message


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was not accepted; or whatever lies at `count` offsets of a damaged batch."""

    offset: int
    reason: Reason
    message: str
    key: bytes | None
    raw: bytes | None
    count: int = 1


class Tombstone(NamedTuple):
    """A record without a value: its key is deleted."""

    offset: int
    key: bytes


@dataclass(slots=True)
class Records:
    """What a batch held: the records with key and value, in order of offset, and the rest."""

    frames: Frames
    places: Integers  # [n], among the frames, of those with key and value
    offsets: Integers  # [n]
    tombstones: list[Tombstone] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def reject(
        self, offset: int, reason: Reason, message: str, key: bytes | None, value: bytes | None
    ) -> None:
        """One record is not accepted."""
        raw = None if value is None else cut(value)
        self.rejected.append(Rejected(offset, reason, message, key, raw))

    def reject_at(self, index: int, error: Undecodable) -> None:
        """One of the records with key and value does not decode."""
        place = int(self.places[index])
        key, value = self.frames.keys[place], self.frames.values[place]
        self.reject(int(self.offsets[index]), error.reason, str(error), key, value)

    @property
    def keys(self) -> Spans:
        """Of those with key and value."""
        return self.frames.keys.of(self.places)

    @property
    def values(self) -> Spans:
        """Of those with key and value."""
        return self.frames.values.of(self.places)


def read_records(batch: Batch, payload: memoryview, *, allow_tombstones: bool) -> Records:
    """Every record of the batch, one way or the other; raises nothing for what it holds."""
    frames = divide(bytes(payload), batch.records)
    offsets = _offsets(batch, frames)
    number = len(offsets)  # behind them, offsets do not ascend within the batch
    has_key, has_value = (one.sizes[:number] >= 0 for one in (frames.keys, frames.values))
    places = np.flatnonzero(has_key & has_value)
    found = Records(frames, places, offsets[places])
    for place in np.flatnonzero(~(has_key & has_value)).tolist():
        offset, key, value = int(offsets[place]), frames.keys.find(place), frames.values.find(place)
        if place in frames.broken:
            found.reject(offset, Reason.UNDECODABLE, frames.broken[place], None, value)
        elif key is None:
            message = "the record has no key; the student's is needed"
            found.reject(offset, Reason.NO_KEY, message, None, value)
        elif allow_tombstones:
            found.tombstones.append(Tombstone(offset, key))
        else:
            found.reject(offset, Reason.NO_VALUE, "the record has no value", key, None)
    problem = frames.ends
    if number < len(frames):
        problem = f"the next record has offset {batch.base_offset + int(frames.deltas[number])}"
    if problem is not None:
        expected = int(offsets[-1]) + 1 if number else batch.base_offset
        message = f"the batch is damaged behind offset {expected - 1}: {problem}"
        found.rejected.append(damaged(batch, expected, Reason.UNDECODABLE, message, payload))
    return found


def _offsets(batch: Batch, frames: Frames) -> Integers:
    """The offset of each record; of one that is broken, the next after the one before.

    As many as ascend within the batch.
    """
    offsets = batch.base_offset + frames.deltas
    for place in sorted(frames.broken):
        offsets[place] = offsets[place - 1] + 1 if place else batch.base_offset
    before = np.concatenate([[batch.base_offset - 1], offsets[:-1]])
    wrong = np.flatnonzero((offsets <= before) | (offsets >= batch.next_offset))
    return offsets[: wrong[0]] if len(wrong) else offsets


def damaged(batch: Batch, first: int, reason: Reason, message: str, raw: memoryview) -> Rejected:
    """Whatever lies in the batch from an offset on; its last offset, where nothing more is due."""
    first = min(first, batch.next_offset - 1)
    return Rejected(first, reason, message, None, cut(raw), batch.next_offset - first)


def find_records(
    piece: Slice, offsets: Collection[int]
) -> Mapping[int, tuple[bytes | None, bytes | None]]:
    """Key and value of each record at these offsets that still lies in a slice; for quarantine."""
    nothing: tuple[bytes | None, bytes | None] = (None, None)
    found = dict.fromkeys(offsets, nothing)
    for batch in piece.batches:
        if found.keys().isdisjoint(range(batch.base_offset, batch.next_offset)):
            continue
        frames = divide(bytes(decompress(batch.codec, batch.payload)), batch.records)
        for place, delta in enumerate(frames.deltas.tolist()):
            if batch.base_offset + delta in found and place not in frames.broken:
                found[batch.base_offset + delta] = (
                    frames.keys.find(place),
                    frames.values.find(place),
                )
    return found


def rejection(
    bytes_of: Mapping[int, tuple[bytes | None, bytes | None]],
    offset: int,
    reason: Reason,
    message: str,
) -> Rejected:
    """A record that was found by `find_records`, as rejected."""
    key, value = bytes_of[offset]
    return Rejected(offset, reason, message, key, None if value is None else cut(value))


def cut(raw: bytes | memoryview) -> bytes:
    """As much of a rejected record as is kept."""
    return bytes(raw[:RAW_LIMIT_BYTES])
