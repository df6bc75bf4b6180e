"""Memory that is free goes back to the system."""

import subprocess
import sys

# Of many arrays that lie side by side the last one stays, so that the heap cannot shrink by itself.
PROGRAM = """
import numpy as np
from streams import heap

def resident_mib():
    return int(open("/proc/self/statm").read().split()[1]) * 4 // 1024

heap.share_one()
arrays = [np.ones(10_000) for _ in range(2_000)]
kept = arrays[-1]
del arrays
before = resident_mib()
heap.give_back()
print(before - resident_mib(), kept.sum())
"""


def test_free_pages_between_used_ones_are_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    given_back_mib, kept = done.stdout.split()
    assert int(given_back_mib) > 100  # of 150
    assert float(kept) == 10_000
