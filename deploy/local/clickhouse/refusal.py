"""A request that gets no answer but a reason: an HTTP status, a code of the engine, a text."""

import re
from http import HTTPStatus
from typing import Final, Self

_CODE: Final = re.compile(r"Code: (\d+)\.")

# The codes for which ClickHouse's own server does not say 500. Those that clients take as an
# invitation to repeat the request (429, 503, 504) are left out on purpose: nothing here passes by
# itself.
_STATUS_OF_CODE: Final = {
    46: HTTPStatus.NOT_FOUND,  # UNKNOWN_FUNCTION
    47: HTTPStatus.NOT_FOUND,  # UNKNOWN_IDENTIFIER
    48: HTTPStatus.NOT_IMPLEMENTED,  # NOT_IMPLEMENTED
    60: HTTPStatus.NOT_FOUND,  # UNKNOWN_TABLE
    62: HTTPStatus.BAD_REQUEST,  # SYNTAX_ERROR
    73: HTTPStatus.NOT_FOUND,  # UNKNOWN_FORMAT
    81: HTTPStatus.NOT_FOUND,  # UNKNOWN_DATABASE
    115: HTTPStatus.NOT_FOUND,  # UNKNOWN_SETTING
    516: HTTPStatus.FORBIDDEN,  # AUTHENTICATION_FAILED
}


class Refusal(Exception):
    """Why a request was not carried out; its text is what the client is shown.

    `code` is the engine's error code, or None where ClickHouse has none for the case.
    """

    def __init__(self, text: str, *, code: int | None, status: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        by_code = HTTPStatus.INTERNAL_SERVER_ERROR
        if code is not None:
            by_code = _STATUS_OF_CODE.get(code, by_code)
        self.status = int(status or by_code)

    @classmethod
    def of_engine(cls, error: Exception) -> Self:
        """Return the refusal for an error of the engine, with the engine's own code and text."""
        text = str(error)
        found = _CODE.search(text)
        if found is None:
            return cls(text, code=1002)  # UNKNOWN_EXCEPTION
        # The embedding puts words of its own before the engine's text.
        return cls(text[found.start() :].strip(), code=int(found[1]))

    @classmethod
    def named(cls, code: int, name: str, text: str, *, status: int | None = None) -> Self:
        """Return a refusal in the form of ClickHouse's own errors."""
        return cls(f"Code: {code}. DB::Exception: {text} ({name})", code=code, status=status)
