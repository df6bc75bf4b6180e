"""The small HTTP server of a process: /metrics, /health, /status.

It runs in a thread of its own and answers also while the process is busy. /health is 200 while
the process says that it is well, 503 otherwise; /status is what it tells of itself, as JSON.
"""

import json
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

Status = Mapping[str, object]

_JSON: Final = "application/json"


class TelemetryServer:
    """Serves until `close`; port 0 takes any free one, `port` says which."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        registry: CollectorRegistry,
        is_healthy: Callable[[], bool],
        status: Callable[[], Status],
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                match self.path.partition("?")[0]:
                    case "/metrics":
                        self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
                    case "/health":
                        healthy = is_healthy()
                        body = json.dumps({"healthy": healthy}).encode()
                        self._answer(200 if healthy else 503, _JSON, body)
                    case "/status":
                        self._answer(200, _JSON, json.dumps(status()).encode())
                    case _:
                        self._answer(404, "text/plain", b"/metrics, /health or /status\n")

            def _answer(self, code: int, content_type: str, body: bytes) -> None:
                self.send_response(code)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Requests are not worth a line each."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, name="telemetry", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
