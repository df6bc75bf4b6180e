"""Why a record or a row was not accepted: the codes under which it lies in quarantine."""

from enum import StrEnum


class Reason(StrEnum):
    """One code a cause; the message beside it says where and what to do."""

    # rows of a source
    MALFORMED_ROW = "malformed_row"
    BROKEN_QUOTES = "broken_quotes"
    WRONG_ENCODING = "wrong_encoding"
    BROKEN_OFF = "broken_off"  # a file that is cut short; counts as one row
    MISSING_COLUMN = "missing_column"  # of a whole file; counts as one row
    REPEATED_COLUMN = "repeated_column"  # likewise
    MISSING_VALUE = "missing_value"
    NOT_A_NUMBER = "not_a_number"
    NEGATIVE_AMOUNT = "negative_amount"
    UNKNOWN_VALUE = "unknown_value"  # not one of the words that the column may hold
    MARKUP = "markup"  # HTML where an identifier should stand
    UNREADABLE_TIME = "unreadable_time"
    IMPOSSIBLE_DATE = "impossible_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    NONEXISTENT_TIME = "nonexistent_time"  # skipped when the clocks went forward
    UNKNOWN_READER = "unknown_reader"
    UNKNOWN_IDENTITY = "unknown_identity"  # waits until the person is known
    IDENTITY_CONFLICT = "identity_conflict"
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
