"""How long the broker is to gather records before it answers a fetch.

Each answer costs the client some milliseconds, and each topic-partition in it a tenth of one,
however few records there are (M). So the next one waits in proportion to what the last one held:
events that come one by one are there soon, and of ten thousand a second many come together. A
consumer that found nothing is answered with the first byte there is, and asks seldom.
"""

from dataclasses import dataclass
from typing import Final

_MS_PER_SLICE: Final = 2
_LEAST_MS: Final = 40
_MOST_MS: Final = 250
_IDLE_MS: Final = 150
"""What is sought while a fetch is on its way waits for its answer."""
_FIRST_BYTE: Final = 1


@dataclass(frozen=True, slots=True)
class Gathering:
    """Of a consumer; `enough_bytes` are worth an answer without waiting any longer."""

    enough_bytes: int

    @property
    def is_wanted(self) -> bool:
        """Whether it gathers at all."""
        return self.enough_bytes > _FIRST_BYTE

    def after(self, slices: int) -> tuple[int, int]:
        """What the next fetch asks for after one with so many slices: bytes, milliseconds."""
        if not slices:
            return _FIRST_BYTE, _IDLE_MS
        return self.enough_bytes, min(max(_LEAST_MS, _MS_PER_SLICE * slices), _MOST_MS)
