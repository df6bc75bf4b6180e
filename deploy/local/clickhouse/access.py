"""Who is asking: the credentials of a request, and whether they are this stack's own."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user's name and password; the password never shows in a representation."""

    user: str
    password: str = field(repr=False)

    def admit(self, offered: "Credentials | None") -> bool:
        """Whether `offered` is this user with this password, in time independent of the answer."""
        if offered is None:
            return False
        # Both comparisons always run: which of the two was wrong must not show in the time.
        same_user = hmac.compare_digest(offered.user.encode(), self.user.encode())
        same_password = hmac.compare_digest(offered.password.encode(), self.password.encode())
        return same_user and same_password


def offered(headers: Mapping[str, str], parameters: Mapping[str, str]) -> Credentials | None:
    """Return the credentials of a request, in ClickHouse's order of precedence.

    The X-ClickHouse-User and X-ClickHouse-Key headers, then HTTP basic authentication, then the
    parameters `user` and `password`; None when the request carries none of them. `headers` must
    look names up without regard to case.
    """
    if "x-clickhouse-user" in headers or "x-clickhouse-key" in headers:
        return Credentials(
            headers.get("x-clickhouse-user", ""), headers.get("x-clickhouse-key", "")
        )
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        user, _, password = text.partition(":")
        return Credentials(user, password)
    if "user" in parameters or "password" in parameters:
        return Credentials(parameters.get("user", ""), parameters.get("password", ""))
    return None
