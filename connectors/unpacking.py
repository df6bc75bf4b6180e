"""Files as bytes, unpacked: what they are is told by how they begin, not by their names."""

import gzip
import lzma
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_GZIP: Final = b"\x1f\x8b"
_XZ: Final = b"\xfd7zXZ\x00"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"
_LONGEST: Final = 6


class Readable(Protocol):
    """Bytes, one piece after another."""

    def read1(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


class BrokenOff(Exception):
    """A file cannot be read any further; its text is the cause, without a full stop."""


def is_packed(path: Path) -> bool:
    """Whether the file is compressed."""
    with path.open("rb") as file:
        return file.read(_LONGEST).startswith((_GZIP, _XZ, _ZSTD))


@contextmanager
def unpacked(path: Path, offset: int = 0) -> Iterator[Readable]:
    """The content of a file from `offset` on; damage shows as `BrokenOff` while it is read."""
    with path.open("rb") as file:
        beginning = file.read(_LONGEST)
        file.seek(0)
        if beginning.startswith(_GZIP):
            with gzip.GzipFile(fileobj=file) as stream:
                yield _Unpacking(stream, offset)
        elif beginning.startswith(_XZ):
            with lzma.LZMAFile(file) as unxz:
                yield _Unpacking(unxz, offset)
        elif beginning.startswith(_ZSTD):
            with zstd.ZstdFile(file) as unzstd:
                yield _Unpacking(unzstd, offset)
        else:
            file.seek(offset)
            yield file


class _Unpacking:
    """A compressed stream from `offset` on, whose damage has one name."""

    def __init__(self, stream: Readable, offset: int) -> None:
        self._stream = stream
        while offset > 0 and (piece := self.read1(min(offset, 1 << 20))):
            offset -= len(piece)

    def read1(self, size: int, /) -> bytes:
        # read1: where the stream is damaged, `read` would drop what it had unpacked before.
        try:
            return self._stream.read1(size)
        except (EOFError, OSError, zlib.error, lzma.LZMAError, zstd.ZstdError) as error:
            raise BrokenOff(str(error).rstrip(".")) from error
