"""The slow path's first half: the records in a batch's frames, one by one.

A bad record does not take its neighbours with it: what has no key or no value where it needs one
is rejected with its reason and its bytes. Where the framing itself is damaged, nothing behind the
damage can be told apart, and the rest of the batch is rejected as one.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from broker.batches import Batch
from broker.codecs import decompress
from broker.frames import BrokenFraming, frames
from broker.slices import Slice
from schemas.errors import Undecodable
from schemas.reasons import Reason

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
    """What a batch held: records with key and value, in order of offset, and the rest."""

    offsets: list[int] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)
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
        key, value = self.keys[index], self.values[index]
        self.reject(self.offsets[index], error.reason, str(error), key, value)


def read_records(batch: Batch, payload: memoryview, *, allow_tombstones: bool) -> Records:
    """Every record of the batch, one way or the other; raises nothing for what it holds."""
    found = Records()
    expected = batch.base_offset
    try:
        for delta, key, value, broken in frames(bytes(payload), batch.count):
            offset = expected if broken else batch.base_offset + delta
            if not expected <= offset < batch.next_offset:
                raise BrokenFraming(f"the next record has offset {offset}")
            expected = offset + 1
            if broken:
                found.reject(offset, Reason.UNDECODABLE, broken, None, value)
            elif key is None:
                message = "the record has no key; the student's is needed"
                found.reject(offset, Reason.NO_KEY, message, None, value)
            elif value is not None:
                found.offsets.append(offset)
                found.keys.append(key)
                found.values.append(value)
            elif allow_tombstones:
                found.tombstones.append(Tombstone(offset, key))
            else:
                found.reject(offset, Reason.NO_VALUE, "the record has no value", key, None)
    except BrokenFraming as error:
        message = f"the batch is damaged behind offset {expected - 1}: {error}"
        found.rejected.append(damaged(batch, expected, Reason.UNDECODABLE, message, payload))
    return found


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
        payload = bytes(decompress(batch.codec, batch.payload))
        with suppress(BrokenFraming):
            for frame in frames(payload, batch.count):
                offset = batch.base_offset + frame.offset_delta
                if offset in found and not frame.broken:
                    found[offset] = frame.key, frame.value
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
