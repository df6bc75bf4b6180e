"""What a dry run has in place of the broker and the identity topic: nothing leaves, all are known.

Identities are not looked up, so nothing of an account says who is known; the account names people
as their source does.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from broker.publisher import Place
from connectors.records import Destination
from connectors.schemes import Scheme, normalised
from schemas.topics import TOPICS

DRY_DESTINATION = Destination("dry", 1, dict.fromkeys(TOPICS, 0))


class Nowhere:
    """A `Publisher` whose records go nowhere."""

    def publish(
        self,
        topic: str,
        values: Sequence[bytes],
        keys: Sequence[bytes],
        partitions: Sequence[int],
    ) -> None:
        """Forget them."""

    def flush(self) -> None:
        """Nothing waits."""

    def log_ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """Every log is empty."""
        return dict.fromkeys(places, 0)


class Everybody:
    """`People` among whom nobody is unknown: numbered as they come."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Scheme, str], int] = {}

    def find(self, scheme: Scheme, identifiers: Sequence[str]) -> NDArray[np.int64]:
        """A number for each."""
        numbers = self._numbers
        keys = [(scheme, normalised(scheme, text)) for text in identifiers]
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)

    @property
    def names(self) -> Mapping[int, str]:
        """Who has which number: `scheme:identifier`."""
        return {number: f"{scheme}:{text}" for (scheme, text), number in self._numbers.items()}
