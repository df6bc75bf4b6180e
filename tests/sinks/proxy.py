"""A way to ClickHouse that breaks when it is told to."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

_INSERT = b"INSERT"
_CHUNK = 64 << 10


class Proxy:
    """Forwards connections to a port of this machine.

    Faults, for the connections that carry an INSERT: `cut_requests` of them end after half of the
    request's first piece, `cut_answers` of them end when the answer comes. While `gate` is closed
    an INSERT waits; `at_gate` says that one does.
    """

    def __init__(self, target_port: int) -> None:
        self.cut_requests = 0
        self.cut_answers = 0
        self.inserts = 0
        self.gate = threading.Event()
        self.gate.set()
        self.at_gate = threading.Event()
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.gate.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            _end(connection)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._target_port))
        except OSError:
            _end(client)
            return
        link = _Link(self, client, server)
        self._open |= {client, server}
        threading.Thread(target=link.answers, daemon=True).start()
        link.requests()
        self._open -= {client, server}


class _Link:
    """One connection; it ends as a whole."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._ends_with_answer = False

    def requests(self) -> None:
        with suppress(OSError):
            while piece := self._client.recv(_CHUNK):
                if _INSERT in piece and not self._may_pass(piece):
                    break
                self._server.sendall(piece)
        self._end()

    def answers(self) -> None:
        with suppress(OSError):
            while (piece := self._server.recv(_CHUNK)) and not self._ends_with_answer:
                self._client.sendall(piece)
        self._end()

    def _may_pass(self, piece: bytes) -> bool:
        proxy = self._proxy
        proxy.inserts += 1
        if not proxy.gate.is_set():
            proxy.at_gate.set()
            proxy.gate.wait()
        if proxy.cut_requests:
            proxy.cut_requests -= 1
            self._server.sendall(piece[: len(piece) // 2])
            return False
        if proxy.cut_answers:
            proxy.cut_answers -= 1
            self._ends_with_answer = True
        return True

    def _end(self) -> None:
        _end(self._client)
        _end(self._server)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
