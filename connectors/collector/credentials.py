"""Secrets of senders: drawn here, kept as hashes, compared in constant time.

A secret is 32 random bytes, so a plain SHA-256 of it cannot be guessed back: slow hashes are for
what people choose. Secrets that somebody chose are not accepted, because none is ever asked for.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode
from collections.abc import Iterable
from typing import Final

PREFIX: Final = "sha256:"
_SECRET_BYTES: Final = 32


def draw() -> str:
    """A new secret."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def hashed(secret: str) -> str:
    """As it stands in the configuration."""
    return PREFIX + hashlib.sha256(secret.encode()).hexdigest()


def is_hash(text: str) -> bool:
    """Whether it is what `hashed` makes."""
    digits = text.removeprefix(PREFIX)
    is_hexadecimal = all(digit in "0123456789abcdef" for digit in digits)
    return text.startswith(PREFIX) and len(digits) == 2 * _SECRET_BYTES and is_hexadecimal


def matches(secret: str, hashes: Iterable[str]) -> bool:
    """Whether it is one of them; takes as long whichever it is."""
    given = hashed(secret)
    found = False
    for one in hashes:
        found |= hmac.compare_digest(given, one)
    return found


def presented(header: str | None) -> tuple[str | None, str] | None:
    """Name and secret of an Authorization header; a bearer token has no name. None for neither."""
    scheme, _, rest = (header or "").strip().partition(" ")
    match scheme.lower():
        case "bearer":
            return None, rest.strip()
        case "basic":
            try:
                name, is_pair, secret = b64decode(rest, validate=True).decode().partition(":")
            except ValueError:
                return None
            return (name, secret) if is_pair else None
    return None
