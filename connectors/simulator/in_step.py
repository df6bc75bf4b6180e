"""Several files as one source, read side by side: what one term holds arrives together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from connectors.delimited.reader import DelimitedReader
from connectors.incremental import Block, IncrementalSource, Positions
from connectors.table import FileSource
from schemas.types import Kind

_WINDOW_BYTES: Final = 16 << 10  # some hundred rows


@dataclass(frozen=True, slots=True)
class InStep:
    """The sources, always going on with the one that is least far. An `IncrementalSource`.

    Each keeps its inputs, feeds and source keys: its events are those of the source alone.
    """

    name: str
    sources: Sequence[IncrementalSource]

    @property
    def feeds(self) -> Mapping[str, Sequence[Kind]]:
        """Those of all of them."""
        return {feed: kinds for source in self.sources for feed, kinds in source.feeds.items()}

    def read(self, after: Positions) -> Iterator[Block]:
        """Everything that lies behind the positions."""
        reading = [_finely(source).read(after) for source in self.sources]
        far = dict.fromkeys(range(len(reading)), 0.0)
        while far:
            least = min(far, key=far.__getitem__)
            block = next(reading[least], None)
            if block is None:
                del far[least]
                continue
            far[least] = block.done / block.total if block.total else 1.0
            yield block


def _finely(source: IncrementalSource) -> IncrementalSource:
    """The same in small blocks, where it reads delimited files."""
    if isinstance(source, FileSource) and isinstance(source.reader, DelimitedReader):
        return replace(source, reader=replace(source.reader, window_bytes=_WINDOW_BYTES))
    return source
