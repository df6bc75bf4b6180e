"""Sources are followed until somebody ends it, and tell what became of their rows meanwhile."""

import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import httpx2
from typer.testing import CliRunner

from ops.cli import app
from tests.chaos.until import until

ROWS = b"card,reader,time\n0A1B,R1,2019-10-14T09:00:00\n0A1B,R1,2017-13-12\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def shows(port: int, *lines: str) -> Callable[[], bool]:
    def found() -> bool:
        try:
            text = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
        except httpx2.TransportError:
            return False
        return all(line in text for line in lines)

    return found


def is_well(port: int) -> bool:
    return httpx2.get(f"http://127.0.0.1:{port}/health").status_code == 200


def test_a_file_is_followed_and_its_quarantine_counted_by_feed_and_reason(tmp_path: Path) -> None:
    file, port, wellness = tmp_path / "taps.csv", free_port(), list[bool]()
    file.write_bytes(ROWS)

    def watch() -> None:
        try:
            until(shows(port, 'leap_connector_rows_total{source="taps"} 2.0'), "the first look", 60)
            wellness.append(is_well(port))
            file.rename(tmp_path / "away.csv")
            until(shows(port, 'leap_connector_failures_total{source="taps"}'), "a failure", 60)
            wellness.append(is_well(port))
            (tmp_path / "away.csv").rename(file)
            until(lambda: is_well(port), "it is there again", 60)
            reason = 'leap_connector_quarantined_total{feed="doors",reason="impossible_date"}'
            until(shows(port, reason), "the quarantine's count", 60)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    following = ["connect", "taps", str(file), "-o", "feed=doors", "--follow", "--every", "0.1"]
    watching = Thread(target=watch, name="watch")
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # where it never came to following
    try:
        watching.start()
        done = CliRunner().invoke(
            app,
            [*following, "--dry-run", "--json"],
            env={"LEAP_FOLDER": str(tmp_path), "LEAP_TELEMETRY_PORT": str(port)},
        )
        watching.join()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert done.exit_code == 0, (done.output, done.exception)
    account = json.loads(done.stdout)
    assert account["read"] == 2 * account["events"]["tap_in"] > 2
    assert account["quarantined"] == {"impossible_date": account["read"] // 2}
    assert wellness == [True, False]
