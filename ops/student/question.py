"""What is asked about a student, as somebody typed it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from connectors.identity import pseudonyms
from connectors.oulad.source import SCHEME
from ops.context import Context
from schemas.errors import SettingsError
from schemas.types import STUDENT_ID_LIMIT, Day, StudentId

_TIMES: Final = "2014-02-12, 2014-02-12T09:30 (campus time) or 2014-02-12T09:30Z"


@dataclass(frozen=True, slots=True)
class Question:
    """Whose indicator, of which day, as it was known when."""

    student: StudentId
    day: Day | None
    """None: the current one."""
    known_at: datetime | None
    """With a zone. None: as it is known now."""


def student_of(context: Context, identifier: str) -> StudentId:
    """The student that somebody named. Raises SettingsError when it is none."""
    scheme, _, number = identifier.rpartition(":")
    is_number = number.isascii() and number.isdecimal()
    if not is_number or scheme not in ("", SCHEME) or int(number) >= STUDENT_ID_LIMIT:
        raise SettingsError(
            f"{identifier!r} is no student: give a pseudonym, which is a number below 2^53, or"
            " oulad:NUMBER"
        )
    if scheme:
        return StudentId(int(pseudonyms(context.site_key, SCHEME, [number])[0]))
    return StudentId(int(number))


def instant_of(text: str, zone: ZoneInfo) -> datetime:
    """The instant that somebody named; in campus time unless it says otherwise.

    A time that daylight saving skips or repeats is the earlier one. Raises SettingsError.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"--known-at {text!r} is no time: write it like {_TIMES}") from None
    return instant.replace(tzinfo=zone) if instant.tzinfo is None else instant
