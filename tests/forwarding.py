"""Forwards connections to a port of this machine, for tests that break or hold up what passes."""

import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self


class Link(ABC):
    """One connection; it ends as a whole."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server

    def run(self) -> None:
        """Both directions, until either has ended."""
        threading.Thread(target=self._ending, args=(self.answers,), daemon=True).start()
        self._ending(self.requests)

    @abstractmethod
    def requests(self) -> None:
        """Pass on what the client says until there is no more; OSError is an end too."""

    @abstractmethod
    def answers(self) -> None:
        """Pass on what the server says until there is no more; OSError is an end too."""

    def _ending(self, passing_on: Callable[[], None]) -> None:
        with suppress(OSError):
            passing_on()
        end(self.client)
        end(self.server)


class Forwarder(ABC):
    """Accepts connections while its context lasts; `link` says what becomes of each."""

    def __init__(self, target_port: int, *, port: int = 0) -> None:
        """`port`: 0 takes a free one."""
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()

    @abstractmethod
    def link(self, client: socket.socket, server: socket.socket) -> Link:
        """A new connection."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            end(connection)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._target_port))
        except OSError:
            end(client)
            return
        self._open |= {client, server}
        self.link(client, server).run()
        self._open -= {client, server}


def end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
