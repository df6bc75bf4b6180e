"""Every error of the project, in one tree.

LeapError                 what an operator can act on; its text says what, where and what to do
├── SettingsError         a setting is unknown, malformed or contradicts another
├── Unreachable           Kafka, the registry or ClickHouse does not answer
├── TopicError            a topic is missing, or its partitions or retention do not fit
├── SchemaError           the registry refuses a schema, or holds another one under its id
├── PolicyError           a policy file is not valid; names the field's path
├── SourceError           a source cannot be opened at all (single bad rows go to quarantine)
├── StackError            a part of the local stack did not start or stopped by itself
├── Fenced                another process owns the partition now
├── LeaseLapsed           the group has not confirmed for a while that this process owns it
└── Undecodable           bytes that do not decode; carries the reason code for quarantine

The command line turns each into one sentence and its exit status; nothing else is caught there.
"""

from typing import ClassVar

from schemas.reasons import Reason


class LeapError(Exception):
    """Base of all errors that an operator can act on."""

    exit_status: ClassVar[int] = 1


class SettingsError(LeapError):
    """A setting is unknown, malformed or contradicts another."""

    exit_status = 2


class Unreachable(LeapError):
    """A service this process needs does not answer."""

    exit_status = 3


class TopicError(LeapError):
    """A topic is missing, or its partitions or retention do not fit."""

    exit_status = 4


class SchemaError(LeapError):
    """The registry refuses a schema, or holds another one under its id."""

    exit_status = 4


class PolicyError(LeapError):
    """A policy file is not valid."""

    exit_status = 2


class SourceError(LeapError):
    """A source cannot be opened at all."""

    exit_status = 2


class StackError(LeapError):
    """A part of the local stack did not start, or stopped by itself."""

    exit_status = 3


class Fenced(LeapError):
    """Another process owns the partition now; this one has to drop it."""

    exit_status = 5


class LeaseLapsed(LeapError):
    """The group has not confirmed for a while that this process owns the partition: it waits."""

    exit_status = 5


class Undecodable(LeapError):
    """Bytes that do not decode.

    `reason` is the code under which they are quarantined.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
