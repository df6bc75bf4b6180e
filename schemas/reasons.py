"""Why a record or a row was not accepted: the codes under which it lies in quarantine."""

from enum import StrEnum


class Reason(StrEnum):
    """One code a cause; the message beside it says where and what to do."""

    # rows of a source
    MALFORMED_ROW = "malformed_row"
    # records of a topic
    NO_KEY = "no_key"
    NO_VALUE = "no_value"
    UNKNOWN_SCHEMA = "unknown_schema"
    UNDECODABLE = "undecodable"
    TOO_LARGE = "too_large"
    KEY_MISMATCH = "key_mismatch"
    WRONG_PARTITION = "wrong_partition"
    IMPOSSIBLE_STUDENT = "impossible_student"
    IMPOSSIBLE_TIME = "impossible_time"
    FUTURE = "future"
    IMPOSSIBLE_REVISION = "impossible_revision"
