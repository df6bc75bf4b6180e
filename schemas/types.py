"""The words of the field, as plain types. Everything else in the project is built on these."""

from enum import StrEnum
from typing import Final, NewType

StudentId = NewType("StudentId", int)
"""A student's pseudonym: an integer of at least 0 and below 2**53, so that JSON can hold it."""

Day = NewType("Day", int)
"""A campus day: days from 1970-01-01 to the local date in the campus zone."""

STUDENT_ID_LIMIT: Final = 2**53


class Kind(StrEnum):
    """The ten activities of a student that are observed; the order is that of the count columns."""

    TAP_IN = "tap_in"
    FASER_UPLOAD = "faser_upload"
    FASER_VIEW = "faser_view"
    LIBRARY_LOAN = "library_loan"
    LISTEN_AGAIN = "listen_again"
    PC_LOGIN = "pc_login"
    READING_LIST = "reading_list"
    MOODLE_COURSE = "moodle_course"
    MOODLE_LOGIN = "moodle_login"
    MOODLE_MOBILE = "moodle_mobile"


KINDS: Final = tuple(Kind)


class Band(StrEnum):
    """Five bands, lowest first; `NONE` where there is no score."""

    NONE = "none"
    VERY_LOW = "very_low"
    LOW = "low"
    PARTIAL = "partial"
    GOOD = "good"
    HIGH = "high"


class Status(StrEnum):
    """What an indicator is able to say."""

    NONE = "none"  # nothing was ever published; only as the `previous` of a first change
    SCORED = "scored"
    INSUFFICIENT_DATA = "insufficient_data"
    NOT_SCORED = "not_scored"  # the policy excludes the student
    NOT_ENROLLED = "not_enrolled"  # outside each of the student's periods
    UNKNOWN_STUDENT = "unknown_student"  # activity without a student record


class Mode(StrEnum):
    """How a student studies."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"


class Cause(StrEnum):
    """What moved an indicator."""

    ACTIVITY = "activity"
    CORRECTION = "correction"
    DAY_CLOSED = "day_closed"
    POLICY = "policy"
    CALENDAR = "calendar"
    CIRCUMSTANCE = "circumstance"
    PROFILE = "profile"
    FEED = "feed"
    RECOMPUTED = "recomputed"  # found by comparison with what had been published


class AlertState(StrEnum):
    """What has become of an alert."""

    OPEN = "open"
    CLOSED = "closed"  # by its own condition
    WITHDRAWN = "withdrawn"  # by what is known now it would not have been raised


class Action(StrEnum):
    """What an event says of its id."""

    ASSERT = "assert"
    RETRACT = "retract"


class CircumstanceSort(StrEnum):
    """What sort of circumstance excuses a student; why is nobody's business here."""

    AUTHORISED_ABSENCE = "authorised_absence"
    EXTENUATING_CIRCUMSTANCES = "extenuating_circumstances"
    PLACEMENT = "placement"
    INTERRUPTION = "interruption"


class GapOrigin(StrEnum):
    """Why a feed is known to lack a campus day."""

    DEADLINE = "deadline"  # its mark had not come in time; the mark ends the gap
    DECLARED = "declared"  # somebody said so, and has to withdraw it


class Clock(StrEnum):
    """What tells a generation of topics the campus day in progress."""

    WALL = "wall"  # the wall clock
    REPLAY = "replay"  # the marks: the day in progress is the one after the last closed day
