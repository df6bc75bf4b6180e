"""Many records decoded in one call: an Avro block behind an object-container header, by polars."""

import io
import json
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from schemas.avro import Json

Field: TypeAlias = dict[str, Json]
"""Of an Avro record schema, as JSON."""

_SYNC: Final = b"leap block sync."


class NotABlock(Exception):
    """The bytes are not what the fast path takes; the slow path reads them."""


class AvroBlock:
    """Decodes blocks of records with these fields."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._header = _container_header(fields)

    def decode(
        self, count: int, parts: Sequence[bytes | memoryview]
    ) -> tuple[pl.DataFrame, NDArray[np.uint8]]:
        """`count` records in these bytes, and the bytes as one array; raises NotABlock.

        The caller has to make sure that so many records can lie in so many bytes: polars reserves
        their memory beforehand, and aborts the process when there is not enough. It does not look
        at what is left behind the records.
        """
        size = sum(map(len, parts))
        before = self._header + _long(count) + _long(size)
        data = b"".join([before, *parts, _SYNC])
        try:
            frame = pl.read_avro(io.BytesIO(data))
        except (PolarsError, pl.exceptions.PanicException, OSError) as error:
            # OSError: the bytes end within a record. A panic is a BaseException of its own.
            raise NotABlock(str(error)) from error
        if frame.height != count:
            raise NotABlock("another number of records than claimed")
        return frame, np.frombuffer(data, np.uint8, size, len(before))


def _container_header(fields: Sequence[Field]) -> bytes:
    schema = {"type": "record", "name": "InBlock", "fields": fields}
    metadata = {b"avro.schema": json.dumps(schema).encode(), b"avro.codec": b"null"}
    entries = [_long(len(k)) + k + _long(len(v)) + v for k, v in metadata.items()]
    return b"Obj\x01" + _long(len(entries)) + b"".join(entries) + b"\0" + _SYNC


def _long(value: int) -> bytes:
    """A non-negative long as a zigzag varint."""
    rest = value << 1
    out = bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)
