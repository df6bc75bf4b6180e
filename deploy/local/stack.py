"""The local stack, as the command line and the tests use it.

A stack is a folder: its data, logs, lock and state. One supervisor process a folder owns the
three parts and outlives whoever asked for it. The methods here may be called from any process, at
the same time, for the same folder.
"""

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from deploy.local import detached, lock, logs, process, state, supervisor
from deploy.local.addresses import Addresses
from deploy.local.layout import Layout
from deploy.local.plan import Limits, Plan
from deploy.local.ports import Ports
from deploy.local.state import Phase, State
from deploy.local.status import PartStatus, look
from schemas.errors import StackError

__all__ = ["Addresses", "Limits", "LocalStack", "PartStatus", "Ports"]

_PAUSE_SECONDS: Final = 0.05
# What the supervisor may need, after the time it has to start, to stop the parts and say why.
_STOP_SECONDS: Final = 30.0
_ANY_PORTS: Final = Ports()
_USUAL_LIMITS: Final = Limits()


class LocalStack:
    """The stack in `folder`, with the jars that `java-parts` put into `java_parts`."""

    def __init__(
        self,
        folder: Path,
        *,
        java_parts: Path,
        ports: Ports = _ANY_PORTS,
        limits: Limits = _USUAL_LIMITS,
    ) -> None:
        """Nothing is created before `up`. A stack that runs keeps its ports and limits."""
        self._layout = Layout(folder.absolute())
        self._java_parts = java_parts.absolute()
        self._ports = ports
        self._limits = limits

    def up(
        self, progress: Callable[[str], None] = lambda _: None, timeout_s: float = 120.0
    ) -> Addresses:
        """Start what does not run, and return when all parts answer.

        Returns at once, without a word, when the stack runs, and joins a start that another call
        has begun. `progress` is given one sentence a step. Raises StackError, which names the
        part and quotes its log, when a part does not start or `timeout_s` is over; the parts are
        stopped again then. They are as well when this call is interrupted, if it was this call
        that started them.
        """
        up = self.addresses()
        if up is not None:
            return up
        deadline = time.monotonic() + timeout_s + _STOP_SECONDS
        told = 0
        started: int | None = None
        try:
            while True:
                status = None if started is None else detached.status(started)
                now = self._present()
                if now is not None and now.phase in (Phase.STARTING, Phase.READY):
                    for sentence in now.progress[told:]:
                        progress(sentence)
                    told = len(now.progress)
                    if now.phase is Phase.READY:
                        return Addresses.of(now)
                if started is not None and status is not None:
                    ended, started = started, None
                    # Locked: another call was quicker, and this one joins its start.
                    if status != supervisor.LOCKED:
                        raise self._failure(ended)
                if started is None and not lock.is_held(self._layout.lock):
                    started, told = self._start_supervisor(timeout_s), 0
                if time.monotonic() > deadline:
                    raise StackError(
                        f"The stack in {self._layout.root} has not come up within {timeout_s:g} s "
                        f"and has not given up. {self._quoted_log()}"
                    )
                time.sleep(_PAUSE_SECONDS)
        except BaseException:
            if started is not None:
                detached.end(started, timeout_s=_STOP_SECONDS)
            raise

    def down(self, timeout_s: float = 30.0) -> bool:
        """Stop the stack and return when all of it has ended; False if nothing ran.

        Raises StackError when it still runs after `timeout_s`.
        """
        deadline = time.monotonic() + timeout_s
        asked: int | None = None
        while lock.is_held(self._layout.lock):
            now = self._present()
            # A supervisor that has just started has not yet said who it is.
            if asked is None and now is not None:
                asked = now.supervisor_pid
                with suppress(ProcessLookupError):
                    os.kill(asked, signal.SIGTERM)
            if time.monotonic() > deadline:
                raise StackError(
                    f"The stack in {self._layout.root} still runs {timeout_s:g} s after it was "
                    f"asked to stop (process {asked}). {self._quoted_log()}"
                )
            time.sleep(_PAUSE_SECONDS)
        if asked is None:
            return False
        # The lock is free a moment before the process is gone.
        while detached.status(asked) is None and process.is_alive(asked):
            time.sleep(_PAUSE_SECONDS)
        return True

    def status(self) -> list[PartStatus]:
        """Return what each part does now, Kafka first; asks each of them, for 2 s at most."""
        return look(self._present(), self._java_parts)

    def addresses(self) -> Addresses | None:
        """Return where the parts answer; None unless the stack is up."""
        now = self._present()
        return Addresses.of(now) if now is not None and now.phase is Phase.READY else None

    def _present(self) -> State | None:
        """Return what the supervisor says; None when there is none, or it has said nothing yet."""
        if not lock.is_held(self._layout.lock):
            return None
        found = state.load(self._layout.state)
        # A new supervisor holds the lock a moment before it replaces what the last one said.
        return found if found is not None and process.is_alive(found.supervisor_pid) else None

    def _start_supervisor(self, timeout_s: float) -> int:
        java = shutil.which("java")
        if java is None:
            raise StackError(
                "The local stack needs a JDK 17 or later, and there is no java on the PATH: "
                "install one (Debian: apt install openjdk-17-jdk-headless)."
            )
        if not (self._java_parts / "complete").exists():
            raise StackError(
                f"The jars of the local stack are not in {self._java_parts}: run make setup."
            )
        plan = Plan(
            folder=self._layout.root,
            java=Path(java),
            java_parts=self._java_parts,
            ports=self._ports,
            limits=self._limits,
            timeout_s=timeout_s,
        )
        try:
            self._layout.logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StackError(
                f"The stack's folder {self._layout.root} cannot be made: {error.strerror}."
            ) from error
        return detached.start(
            "deploy.local.supervisor", plan.to_json(), log=self._layout.log("supervisor")
        )

    def _failure(self, pid: int) -> StackError:
        last = state.load(self._layout.state)
        if last is None or last.supervisor_pid != pid or last.phase is Phase.STARTING:
            return StackError(f"The stack's supervisor ended at once. {self._quoted_log()}")
        return StackError(last.failure or "The stack was stopped while it started.")

    def _quoted_log(self) -> str:
        log = self._layout.log("supervisor")
        return f"Its log is {log}, which ends with:\n{logs.tail(log)}"
