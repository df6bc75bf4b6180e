"""The parent of several workers: it ends with them, and they with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.until import until

DEADLINE_S = 30.0
PARENT = """
import sys
from ops.processes import run_children

sys.exit(run_children([sys.executable, "-c", sys.argv[1]], [{"NUMBER": "0"}, {"NUMBER": "1"}]))
"""
CHILD = """
import os, pathlib, signal, sys, threading

asked = threading.Event()
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda number, frame: (print(f"got {number}"), asked.set()))
folder, mine = pathlib.Path(os.environ["FOLDER"]), os.environ["NUMBER"]
(folder / mine).write_text(str(os.getpid()))
while not asked.wait(0.05):
    if (folder / f"end{mine}").exists():
        sys.exit(7)
print(f"{mine} ends")
"""


class Parent:
    """A parent of two children, 0 and 1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT, CHILD],
            env={"FOLDER": str(folder)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        until(lambda: all(self.pid(n) for n in (0, 1)), "both children run", DEADLINE_S)

    def pid(self, number: int) -> int:
        file = self.folder / str(number)
        return int(file.read_text() or 0) if file.exists() else 0

    def ended(self) -> tuple[int, str]:
        """Its status, and what was said."""
        out, _ = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, out


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Parent]:
    parent = Parent(tmp_path)
    yield parent
    parent.process.kill()
    parent.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_goes_on_to_every_child_and_all_end_in_peace(
    parent: Parent, number: signal.Signals
) -> None:
    parent.process.send_signal(number)
    status, said = parent.ended()
    assert status == 0
    assert said.count(f"got {number.value}") == 2
    assert {"0 ends", "1 ends"} <= set(said.splitlines())


def test_a_child_that_fails_is_named_and_takes_the_others_along(parent: Parent) -> None:
    (parent.folder / "end1").touch()
    status, said = parent.ended()
    assert status == 7
    assert "worker ended, stopping the others" in said
    assert str(parent.pid(1)) in said
    assert "0 ends" in said


def test_a_child_that_is_killed_is_no_success(parent: Parent) -> None:
    os.kill(parent.pid(0), signal.SIGKILL)
    status, said = parent.ended()
    assert status == 128 + signal.SIGKILL
    assert "1 ends" in said
