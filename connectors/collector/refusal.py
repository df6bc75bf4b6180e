"""Why a request is not accepted: its status, a code, and a sentence with what to do."""

from typing import ClassVar


class Refusal(Exception):
    """A request that is refused as a whole: nothing of it was kept.

    `retry_after_s`: in how many seconds the same request may be accepted; None: never as it is.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "invalid"
    retry_after_s: float | None = None


class Invalid(Refusal):
    """It is not what xAPI or Caliper say it has to be."""


class Conflict(Refusal):
    """An id was used before, for something else."""

    status = 409
    code = "conflict"


class Forbidden(Refusal):
    """A sender may take back its own statements only."""

    status = 403
    code = "forbidden"


class TooLarge(Refusal):
    """More bytes or statements than a request may hold."""

    status = 413
    code = "too_large"


class Unauthorized(Refusal):
    """Nobody with these credentials may send."""

    status = 401
    code = "unauthorized"


class Impatient(Refusal):
    """The sender sends faster than it may."""

    status = 429
    code = "too_fast"

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Overloaded(Refusal):
    """Kafka does not take what is there already, or did not take this."""

    status = 503
    code = "overloaded"

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
