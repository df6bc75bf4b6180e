"""What a process takes is read from outside, while it runs and when it has ended."""

import subprocess
import sys
import time

from bench.watching import Watch

WORK = """
import time
room = bytearray(80_000_000)
end = time.process_time() + 0.4
while time.process_time() < end:
    pass
input()
"""


def test_cpu_time_and_peak_memory_of_another_process() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WORK], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    start = time.monotonic()
    with Watch(process.pid) as watch:
        deadline = start + 60
        while watch.cpu_s(start, time.monotonic()) < 0.4:
            assert time.monotonic() < deadline
        worked = time.monotonic()
        process.communicate(b"\n", timeout=60)
        ended = time.monotonic()
    assert 0.4 <= watch.cpu_s(start, worked) <= watch.cpu_s(start, ended)
    assert watch.peak_rss_mb > 80
