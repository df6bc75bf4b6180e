"""From the bytes of a request to JSON, and from JSON to the form in which equals are equal."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeAlias
from uuid import UUID

from pydantic import ValidationError

from connectors.collector.refusal import Invalid

Json: TypeAlias = Mapping[str, "Json"] | list["Json"] | str | int | float | bool | None

DIGEST_BYTES: Final = 16
_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)  # as all connectors have it
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_PROBLEMS_SHOWN: Final = 3
_DEEPEST: Final = 40  # levels; statements have about eight


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON")


def parse(body: bytes) -> object:
    """The JSON of a body; Invalid when it is none."""
    try:
        document: object = json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"the body is no JSON in UTF-8 ({error}): send application/json") from error
    if _is_deeper(document, _DEEPEST):
        raise Invalid(f"the JSON is nested more than {_DEEPEST} levels deep: send less at once")
    return document


def canonical(document: object) -> bytes:
    """The bytes that two equal documents have in common; Invalid for text that is no Unicode."""
    try:
        return json.dumps(
            document, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        ).encode()
    except UnicodeEncodeError as error:
        raise Invalid(f"a text holds half of a surrogate pair ({error}): correct it") from error


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
    try:
        found = UUID(text)
    except ValueError as error:
        raise Invalid(f"{where} is {text[:60]!r}, which is no UUID") from error
    if str(found) != text.lower():
        raise Invalid(f"{where} is {text[:60]!r}: write the UUID with its four hyphens only")
    return str(found)


def problems(error: ValidationError, where: str) -> Invalid:
    """What is wrong with a document, field by field."""
    found = [
        f"{'.'.join([where, *map(str, one['loc'])])}: {one['msg']}"
        for one in error.errors(include_url=False, include_input=False)
    ]
    more = f" and {len(found) - _PROBLEMS_SHOWN} more" if len(found) > _PROBLEMS_SHOWN else ""
    return Invalid("; ".join(found[:_PROBLEMS_SHOWN]) + more + "; nothing of the request was kept")


def _is_deeper(document: object, levels: int) -> bool:
    """Level by level, and so without a call for each value: bodies have thousands."""
    level = [document]
    for _ in range(levels + 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
