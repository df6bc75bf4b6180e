"""A way to Kafka on which single requests can be held up, to catch a process at a step of its life.

Kafka's frames are read as far as is needed to tell what they ask: 4 bytes of length, then in a
request 2 bytes of API key, 2 of version, 4 of correlation id; in an answer the correlation id.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from tests.forwarding import Forwarder, Link

_LENGTH = struct.Struct(">i")
_REQUEST = struct.Struct(">hhi")  # API key, version, correlation id
_ANSWER = struct.Struct(">i")


class Api(IntEnum):
    """What a request asks for; the numbers are Kafka's."""

    PRODUCE = 0
    FETCH = 1
    OFFSET_COMMIT = 8
    JOIN_GROUP = 11
    HEARTBEAT = 12
    SYNC_GROUP = 14
    INIT_PRODUCER_ID = 22
    ADD_PARTITIONS_TO_TXN = 24
    END_TXN = 26


class Hold:
    """Requests of one kind that get no further, or whose answers do not."""

    def __init__(self, api: Api, containing: bytes, *, answers: bool) -> None:
        self.reached = threading.Event()
        self.holds_answers = answers
        self._api = api
        self._containing = containing
        self._gate = threading.Event()

    def is_for(self, api: int, frame: bytes) -> bool:
        return api == self._api and self._containing in frame

    def wait(self) -> None:
        self.reached.set()
        self._gate.wait()

    def release(self) -> None:
        self._gate.set()


class Proxy(Forwarder):
    """Between two ports of this machine; `hold` holds requests up."""

    def __init__(self, port: int, target_port: int) -> None:
        super().__init__(target_port, port=port)
        self.address = f"127.0.0.1:{port}"
        self._holds: list[Hold] = []

    def link(self, client: socket.socket, server: socket.socket) -> Link:
        return _Link(self, client, server)

    @contextmanager
    def hold(self, api: Api, containing: bytes = b"", *, answers: bool = False) -> Iterator[Hold]:
        """Hold up requests of this kind, or their answers, until the context is left."""
        hold = Hold(api, containing, answers=answers)
        self._holds.append(hold)
        try:
            yield hold
        finally:
            self._holds.remove(hold)
            hold.release()

    def held_by(self, api: int, frame: bytes) -> Hold | None:
        return next((hold for hold in list(self._holds) if hold.is_for(api, frame)), None)


class _Link(Link):
    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        super().__init__(client, server)
        self._proxy = proxy
        self._held_answers: dict[int, Hold] = {}  # by correlation id

    def requests(self) -> None:
        while frame := _frame(self.client):
            api, _, correlation = _REQUEST.unpack_from(frame, _LENGTH.size)
            hold = self._proxy.held_by(api, frame)
            if hold is not None and hold.holds_answers:
                self._held_answers[correlation] = hold
            elif hold is not None:
                hold.wait()
            self.server.sendall(frame)

    def answers(self) -> None:
        while frame := _frame(self.server):
            (correlation,) = _ANSWER.unpack_from(frame, _LENGTH.size)
            hold = self._held_answers.pop(correlation, None)
            if hold is not None:
                hold.wait()
            self.client.sendall(frame)


def _frame(connection: socket.socket) -> bytes:
    """A whole frame with its length; empty when the connection has ended."""
    head = _exactly(connection, _LENGTH.size)
    return head and head + _exactly(connection, _LENGTH.unpack(head)[0])


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = bytearray(count)
    view, read = memoryview(data), 0
    while read < count:
        more = connection.recv_into(view[read:])
        if not more:
            return b""
        read += more
    return bytes(data)
