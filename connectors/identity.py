"""Ids of events, hashes of identifiers and OULAD's pseudonyms: keyed hashes under the site's key.

Whoever has a source but not the key can neither rebuild an id nor recognise a student by it.

Pseudonyms of a campus are random and stand in the identity topic (`connectors.people`). Those of
OULAD, whose students are anonymous already, are hashes (`pseudonyms`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from connectors.messages import KeyPart, messages
from connectors.schemes import Scheme
from schemas.columns import Coded
from schemas.errors import SettingsError, SourceError
from schemas.types import STUDENT_ID_LIMIT, Kind

EVENT_ID_BYTES: Final = 16
IDENTITY_BYTES: Final = 16
KEY_BYTES_MINIMUM: Final = 32  # as long as the hash; a shorter key is easier to guess than an id

_BLOCK_BYTES: Final = 64  # of SHA-256
_DIGEST_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SiteKey:
    """The site's secret. Whoever changes it gives every event and every student a new name."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) < KEY_BYTES_MINIMUM:
            raise SettingsError(
                f"the site key has {len(self.secret)} bytes; give it at least {KEY_BYTES_MINIMUM}"
                " random ones and keep them: another key gives every event another id"
            )


def event_ids(
    site_key: SiteKey,
    source_key: Sequence[KeyPart],
    *,
    student: NDArray[np.int64],
    kind: Kind,
    occurred_at: NDArray[np.int64],
) -> NDArray[np.uint8]:
    """The ids of `n` events, [n, 16]: the first bytes of HMAC-SHA256 over what names each.

    What names it: its key at the source, the student's pseudonym, the kind, and when it occurred
    (UTC milliseconds), as `connectors.messages` encodes them.
    """
    parts = ("event", len(source_key), *source_key, student, kind.value, occurred_at)
    digests = _digests(site_key, messages(parts, len(student)))
    return digests[:, :EVENT_ID_BYTES]


def event_names(source_key: Sequence[KeyPart], count: int) -> list[bytes]:
    """What is hashed into the ids of `count` events, as far as their students are not needed."""
    return messages(("event", len(source_key), *source_key), count)


def event_id(
    site_key: SiteKey, name: bytes, *, student: int, kind: Kind, occurred_at: int
) -> bytes:
    """The id of an event out of its name (`event_names`): the same that `event_ids` gives."""
    (rest,) = messages((student, kind.value, occurred_at), 1)
    return _digests(site_key, [name + rest])[0, :EVENT_ID_BYTES].tobytes()


def identity_hashes(site_key: SiteKey, scheme: Scheme, identifiers: Sequence[str]) -> list[bytes]:
    """The keyed hashes, 16 bytes each, under which normalised identifiers stand in `identity`.

    Two of a million identifiers have the same hash with a probability below 10**-26.
    """
    each = Coded(np.arange(len(identifiers)), identifiers)
    texts = messages(("identity", scheme.value, each), len(identifiers))
    return [digest[:IDENTITY_BYTES].tobytes() for digest in _digests(site_key, texts)]


def pseudonyms(site_key: SiteKey, scheme: str, identifiers: Sequence[str]) -> NDArray[np.int64]:
    """The pseudonyms of distinct identifiers, [n]: the last 53 bits of their keyed hashes.

    `scheme` says what the identifiers are; it holds no NUL character. Raises SourceError when two
    identifiers meet in one pseudonym.
    """
    texts = [f"student\0{scheme}\0{identifier}".encode() for identifier in identifiers]
    words = _digests(site_key, texts)[:, -8:].copy().view(">u8")[:, 0]
    found = (words & np.uint64(STUDENT_ID_LIMIT - 1)).astype(np.int64)
    order = np.argsort(found, kind="stable")
    (same,) = np.nonzero(np.diff(found[order]) == 0)
    if same.size:
        one, other = (identifiers[order[same[0] + i]] for i in (0, 1))
        raise SourceError(
            f"the {scheme} students {one} and {other} get the same pseudonym under this site key;"
            " nothing was published: choose another site key for this generation"
        )
    return found


def _digests(site_key: SiteKey, texts: Sequence[bytes]) -> NDArray[np.uint8]:
    """HMAC-SHA256 (RFC 2104) of each message, [n, 32].

    Python's `hmac.digest` takes 4.1 us a message, nearly all of it for preparing the key; two
    prepared hashes that are copied take 1.0 us.
    """
    key = site_key.secret
    if len(key) > _BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    key = key.ljust(_BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key)).copy
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key)).copy
    digests: list[bytes] = []
    for text in texts:
        within = inner()
        within.update(text)
        around = outer()
        around.update(within.digest())
        digests.append(around.digest())
    return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, _DIGEST_BYTES)
