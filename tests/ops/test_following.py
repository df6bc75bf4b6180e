"""Sources are followed until somebody ends it, and tell what became of their rows meanwhile."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2

from tests.chaos.until import until

ROWS = b"card,reader,time\n0A1B,R1,2019-10-14T09:00:00\n0A1B,R1,2017-13-12\n"
DEADLINE_S = 60.0


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
    file, port = tmp_path / "taps.csv", free_port()
    file.write_bytes(ROWS)
    options = ["-o", "feed=doors", "--follow", "--every", "0.1", "--dry-run", "--json"]
    following = subprocess.Popen(
        [sys.executable, "-m", "ops", "connect", "taps", str(file), *options],
        env={**os.environ, "LEAP_FOLDER": str(tmp_path), "LEAP_TELEMETRY_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(shows(port, 'leap_connector_rows_total{source="taps"}'), "the first look", DEADLINE_S)
        assert is_well(port)
        file.rename(tmp_path / "away.csv")
        failure = 'leap_connector_failures_total{source="taps"}'
        until(shows(port, failure), "a look that fails", DEADLINE_S)
        assert not is_well(port)
        (tmp_path / "away.csv").rename(file)
        until(lambda: is_well(port), "it is there again", DEADLINE_S)
        reason = 'leap_connector_quarantined_total{feed="doors",reason="impossible_date"}'
        assert shows(port, reason)()
    finally:
        following.terminate()
        told, _ = following.communicate(timeout=DEADLINE_S)
    assert following.returncode == 0
    account = json.loads(told)
    assert account["read"] == 2 * account["events"]["tap_in"] > 2
    assert account["quarantined"] == {"impossible_date": account["read"] // 2}
