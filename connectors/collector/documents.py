"""From the bytes of a request to JSON, and from JSON to the form in which equals are equal."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from pydantic import ValidationError
from pydantic_core import from_json

from connectors.collector.refusal import Invalid

DIGEST_BYTES: Final = 16
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)  # as all connectors have it
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_PROBLEMS_SHOWN: Final = 3
_NULL: Final = " is null: leave out what is not known"
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
# Ids of statements that have none are made of these bytes, and digests that are remembered.
_encode: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


def parse(body: bytes) -> object:
    """The JSON of a body; Invalid when it is none, or nested more than 200 levels deep."""
    try:
        document: object = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Invalid(
            f"the body is no JSON in UTF-8 ({error}): send application/json, without NaN, halves of"
            " surrogate pairs and more than 200 levels"
        ) from error
    return document


def canonical(document: object) -> bytes:
    """The bytes that two equal documents have in common."""
    return _encode(document).encode()


def digest(raw: bytes) -> bytes:
    """What tells a repeat from a conflict."""
    return hashlib.sha256(raw).digest()[:DIGEST_BYTES]


def moment(text: str, where: str) -> int:
    """UTC milliseconds of an ISO 8601 time; without a zone it is UTC, as xAPI says. Or Invalid."""
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(
            f"{where} is {text[:40]!r}, no date and time of ISO 8601 such as"
            " 2026-11-24T09:30:00.000Z"
        ) from error
    if text.endswith("-00:00") or not _EARLIEST <= found < _LATEST:
        raise Invalid(f"{where} is {text[:40]!r}: give a time of 1990 to 2100 with its zone, or Z")
    return round(found.timestamp() * 1000)


def uuid(text: str, where: str) -> str:
    """A UUID in its usual form; Invalid for anything else."""
    if not _UUID.fullmatch(text):
        raise Invalid(f"{where} is {text[:60]!r}: write a UUID, with its four hyphens only")
    return text.lower()


def problems(error: ValidationError, where: str) -> Invalid:
    """What is wrong with a document, field by field."""
    found = [
        f"{where}{_path(one['loc'])}" + (_NULL if one["input"] is None else f": {one['msg']}")
        for one in error.errors(include_url=False)
    ]
    more = f" and {len(found) - _PROBLEMS_SHOWN} more" if len(found) > _PROBLEMS_SHOWN else ""
    return Invalid("; ".join(found[:_PROBLEMS_SHOWN]) + more + "; nothing of the request was kept")


def _path(location: Sequence[int | str]) -> str:
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in location)


def null(value: object, where: str = "") -> str | None:
    """Where a document says null, extensions aside; None if it does not."""
    if value is None:
        return where
    inner: Sequence[tuple[object, object]] = ()
    if isinstance(value, dict):
        inner = [(name, one) for name, one in value.items() if name != "extensions"]
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for name, one in inner:
        if isinstance(one, dict | list) or one is None:
            found = null(one, f"{where}.{name}" if where else str(name))
            if found is not None:
                return found
    return None
