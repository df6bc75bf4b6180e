"""Whether a part really answers: not that it listens, but that it does its work.

Each probe takes at most a few seconds, returns False for everything that is not an answer, and
never raises.
"""

import base64
import socket
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import quote, urlsplit

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

_SECONDS: Final = 2.0


def kafka_answers(address: str) -> bool:
    """Whether the broker at `address` (host:port) lists its topics."""
    host, _, port = address.partition(":")
    try:
        # The client would try for seconds, and complain in the log, while nobody listens.
        socket.create_connection((host, int(port)), timeout=_SECONDS).close()
        admin = AdminClient({"bootstrap.servers": address, "log_level": 0})
        return bool(admin.list_topics(timeout=_SECONDS).brokers)
    except (OSError, KafkaException):
        return False


def registry_answers(base: str) -> bool:
    """Whether the registry at `base` has read its journal and lists its subjects.

    Before it has read the journal to the end it answers as well, but knows only a part.
    """
    url = urlsplit(base)
    return (
        _get(url.netloc, "/health/ready") is not None
        and _get(url.netloc, f"{url.path}/subjects") is not None
    )


def clickhouse_version(address: str, user: str, password: str) -> str | None:
    """Return the version that ClickHouse at `address` (host:port) gives; None if it does not."""
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    path = f"/?query={quote('SELECT version()')}"
    body = _get(address, path, {"Authorization": f"Basic {login}"})
    return None if body is None else body.decode().strip()


def _get(address: str, path: str, headers: dict[str, str] | None = None) -> bytes | None:
    connection = HTTPConnection(address, timeout=_SECONDS)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        body = response.read()
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
    return body if response.status == HTTPStatus.OK else None
