"""Whose an identifier is: the port, and what is known after the identity topic has been read."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from connectors.identity import SiteKey, identity_hashes
from connectors.schemes import Scheme, normalised

UNKNOWN: Final = -1
"""Nobody has this identifier, as far as is known."""
ERASED: Final = -2
"""Its owner was erased: what it did is left out."""

_REMEMBERED: Final = 1_000_000  # identifiers of a scheme; about 100 MB


class People(Protocol):
    """Who is who. An answer holds for one run: people are looked up again for the next."""

    def find(self, scheme: Scheme, identifiers: Sequence[str]) -> NDArray[np.int64]:
        """The pseudonym of each identifier, as a source writes it; else UNKNOWN or ERASED."""


class KnownPeople:
    """`People` out of keyed hashes (`connectors.identity.identity_hashes`)."""

    def __init__(
        self, site_key: SiteKey, known: Mapping[bytes, int], erased: Collection[bytes] = ()
    ) -> None:
        self._site_key = site_key
        self._known = known
        self._erased = frozenset(erased)
        self._hashes: dict[Scheme, dict[str, bytes]] = {scheme: {} for scheme in Scheme}

    def find(self, scheme: Scheme, identifiers: Sequence[str]) -> NDArray[np.int64]:
        """The pseudonym of each; suppression goes before everything else."""
        whose = map(self.whose, self.hashes(scheme, identifiers))
        return np.fromiter(whose, np.int64, len(identifiers))

    def hashes(self, scheme: Scheme, identifiers: Sequence[str]) -> Sequence[bytes]:
        """The keyed hash under which each would be known."""
        found = self._hashes[scheme]
        new = [text for text in dict.fromkeys(identifiers) if text not in found]
        if len(found) + len(new) > _REMEMBERED:
            found.clear()
            new = list(dict.fromkeys(identifiers))
        if new:
            texts = [normalised(scheme, text) for text in new]
            found.update(zip(new, identity_hashes(self._site_key, scheme, texts), strict=True))
        return [found[text] for text in identifiers]

    def whose(self, identity: bytes) -> int:
        """The pseudonym behind a hash, UNKNOWN or ERASED."""
        return ERASED if identity in self._erased else self._known.get(identity, UNKNOWN)
