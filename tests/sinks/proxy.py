"""A way to ClickHouse that breaks when it is told to."""

import socket
import threading
from types import TracebackType

from tests.forwarding import Forwarder, Link

_INSERT = b"INSERT"
_CHUNK = 64 << 10


class Proxy(Forwarder):
    """Faults, for the connections that carry an INSERT.

    `cut_requests` of them end after half of the request's first piece, `cut_answers` of them end
    when the answer comes. While `gate` is closed an INSERT waits; `at_gate` says that one does.
    """

    def __init__(self, target_port: int) -> None:
        super().__init__(target_port)
        self.cut_requests = 0
        self.cut_answers = 0
        self.inserts = 0
        self.gate = threading.Event()
        self.gate.set()
        self.at_gate = threading.Event()

    def link(self, client: socket.socket, server: socket.socket) -> Link:
        return _Link(self, client, server)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.gate.set()
        super().__exit__(kind, error, traceback)


class _Link(Link):
    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        super().__init__(client, server)
        self._proxy = proxy
        self._ends_with_answer = False

    def requests(self) -> None:
        while piece := self.client.recv(_CHUNK):
            if _INSERT in piece and not self._may_pass(piece):
                return
            self.server.sendall(piece)

    def answers(self) -> None:
        while (piece := self.server.recv(_CHUNK)) and not self._ends_with_answer:
            self.client.sendall(piece)

    def _may_pass(self, piece: bytes) -> bool:
        proxy = self._proxy
        proxy.inserts += 1
        if not proxy.gate.is_set():
            proxy.at_gate.set()
            proxy.gate.wait()
        if proxy.cut_requests:
            proxy.cut_requests -= 1
            self.server.sendall(piece[: len(piece) // 2])
            return False
        if proxy.cut_answers:
            proxy.cut_answers -= 1
            self._ends_with_answer = True
        return True
