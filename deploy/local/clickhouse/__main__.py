"""Serve the engine on one folder: `python -m deploy.local.clickhouse --folder F --port N ...`."""

import argparse
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

from deploy.local.clickhouse.access import Credentials
from deploy.local.clickhouse.engine import Engine
from deploy.local.clickhouse.http import Server
from deploy.local.clickhouse.query import Limits
from deploy.local.clickhouse.refusal import Refusal

# A stop lets running statements end for this long, then cancels them.
_GRACE_SECONDS: Final = 3.0
# And this is when it gives up on those that do not even end then.
_PATIENCE_SECONDS: Final = 8
# Longer than any pause of a busy client: an idle connection closed under a client's next INSERT
# is an error that it must not repeat by itself.
_KEEP_ALIVE_SECONDS: Final = 600


class _WebServer(uvicorn.Server):
    """The web server, which on the first signal sets the running statements a term."""

    def __init__(self, config: uvicorn.Config, engine: Engine) -> None:
        super().__init__(config)
        self._term = threading.Timer(_GRACE_SECONDS, engine.drain)
        self._term.daemon = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop taking requests."""
        if not self.should_exit:
            self._term.start()
        super().handle_exit(sig, frame)


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status."""
    default = Limits()
    parser = argparse.ArgumentParser(prog="python -m deploy.local.clickhouse", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("--password-file", type=Path, required=True)
    # Statements at a time; the others wait. Each may use several threads of the engine.
    parser.add_argument("--statements", type=int, default=16)
    parser.add_argument("--body-mib", type=int, default=256)
    parser.add_argument("--memory-mib", type=int, default=default.memory_bytes >> 20)
    parser.add_argument("--query-memory-mib", type=int, default=default.query_memory_bytes >> 20)
    parser.add_argument("--query-seconds", type=int, default=default.query_seconds)
    parser.add_argument("--query-threads", type=int, default=default.query_threads)
    parser.add_argument("--result-mib", type=int, default=default.result_bytes >> 20)
    given = parser.parse_args(arguments)
    try:
        engine = Engine(
            given.folder,
            Limits(
                memory_bytes=given.memory_mib << 20,
                query_memory_bytes=given.query_memory_mib << 20,
                query_seconds=given.query_seconds,
                query_threads=given.query_threads,
                result_bytes=given.result_mib << 20,
            ),
        )
    except Refusal as refusal:
        sys.stderr.write(
            f"ClickHouse cannot open {given.folder}; the engine says why above. ({refusal})\n"
        )
        return 1
    server = Server(
        engine=engine,
        credentials=Credentials(given.user, given.password_file.read_text().strip()),
        pool=ThreadPoolExecutor(given.statements, thread_name_prefix="statement"),
        body_limit_bytes=given.body_mib << 20,
        timezone=engine.timezone(),
    )
    config = uvicorn.Config(
        server.application(),
        host="127.0.0.1",
        port=given.port,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_PATIENCE_SECONDS,
        h11_max_incomplete_event_size=1 << 20,  # long URLs: settings and parameters
    )
    # The web server passes the signal that stopped it on when it is done; then all is in order.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: None)
    _WebServer(config, engine).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
