"""The process that owns the stack: `python -m deploy.local.supervisor PLAN` (a Plan as JSON).

1. Lock: the folder is this process's for as long as it lives; status 75 if another one has it.
2. Clean: parts of a former run that still end are waited for, temporary files go.
3. Kafka starts, its data folder formatted if it is new; it answers.
4. Registry and ClickHouse start at the same time; both answer. The phase is `ready`.
5. Watch: until a signal asks for the end or a part ends by itself.
6. Stop: Registry and ClickHouse, then Kafka, whatever step was reached.
stack.json says at every step how far the run has come, and at the end why it ended.
"""

import asyncio
import logging
import os
import signal
import sys
from dataclasses import replace
from typing import Any, Final

from deploy.local import lock, logs, parts, prepare, process, state
from deploy.local.layout import Layout
from deploy.local.plan import Plan
from deploy.local.ports import choose
from deploy.local.state import Phase, State
from schemas.errors import StackError

LOCKED: Final = 75  # EX_TEMPFAIL: another supervisor has the folder
FAILED: Final = 1
_PROBE_PAUSE_SECONDS: Final = 0.1
_LOG_CHECK_SECONDS: Final = 5.0

_say = logging.getLogger("supervisor").info


class Supervisor:
    """One run of the stack, from the lock to the last part's end."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._layout = Layout(plan.folder)
        self._former = state.load(self._layout.state)
        self._state = State(
            Phase.STARTING,
            os.getpid(),
            # The ports are what a run leaves to the next one.
            ports=self._former.ports if self._former else None,
        )
        self._running: list[process.Running] = []
        self._work: asyncio.Task[None] | None = None

    async def run(self) -> int:
        """Carry out steps 2 to 6; returns the exit status."""
        self._note()
        keeper = asyncio.create_task(self._keep_logs())
        self._work = asyncio.create_task(self._start_and_watch())
        failure: str | None = None
        try:
            await self._work
        except asyncio.CancelledError:
            _say("asked to stop")
        except TimeoutError:
            failure = await self._why_not_ready()
        except (StackError, OSError) as error:
            failure = str(error)
        self._note(phase=Phase.STOPPING)
        await self._stop()
        keeper.cancel()
        self._note(phase=Phase.FAILED if failure else Phase.STOPPED, failure=failure, pids={})
        _say("%s", failure or "stopped")
        return FAILED if failure else 0

    def ask_to_stop(self) -> None:
        """Make `run` go on to step 6; it may be said any number of times, at any step."""
        if self._work is not None:
            self._work.cancel()

    async def _start_and_watch(self) -> None:
        async with asyncio.timeout(self._plan.timeout_s):
            await self._start()
        self._note(phase=Phase.READY)
        await self._watch()

    async def _start(self) -> None:
        await prepare.clean(self._layout, self._former.pids.values() if self._former else ())
        ports = choose(self._plan.ports, self._state.ports)
        password = prepare.password(self._layout)
        kafka = parts.kafka(self._plan, ports)
        registry = parts.registry(self._plan, ports)
        clickhouse = parts.clickhouse(self._plan, ports, password)
        self._note(
            ports=ports,
            kafka=kafka.address,
            registry=registry.address,
            clickhouse=clickhouse.address,
            clickhouse_user=parts.CLICKHOUSE_USER,
            clickhouse_password=password,
        )
        await prepare.kafka(self._plan, ports)
        await self._launch(kafka)
        await self._launch(registry, clickhouse)

    async def _launch(self, *new: parts.Part) -> None:
        """Start parts and return when all of them answer; raises StackError if any part ends."""
        started = []
        for part in new:
            running = await process.start(part)
            self._running.append(running)
            started.append(running)
            self._note(
                f"{part.name} starts",
                pids={**self._state.pids, part.name: running.process.pid},
            )
        ready = asyncio.gather(*(self._answers(running.part) for running in started))
        watching = asyncio.create_task(self._watch())
        try:
            await asyncio.wait((ready, watching), return_when=asyncio.FIRST_COMPLETED)
            if watching.done():
                await watching
            await ready
        finally:
            watching.cancel()
            ready.cancel()

    async def _answers(self, part: parts.Part) -> None:
        while not await asyncio.to_thread(part.answers):
            await asyncio.sleep(_PROBE_PAUSE_SECONDS)
        self._note(f"{part.name} answers at {part.address}")

    async def _watch(self) -> None:
        """Wait until a part ends, and raise StackError for it."""
        waits = {asyncio.create_task(each.process.wait()): each for each in self._running}
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        raise waits[done.pop()].ended()

    async def _stop(self) -> None:
        kafka = [each for each in self._running if each.part.name == parts.KAFKA]
        others = [each for each in self._running if each.part.name != parts.KAFKA]
        for group in (others, kafka):
            for each, gently in zip(
                group, await asyncio.gather(*(each.stop() for each in group)), strict=True
            ):
                if not gently:
                    _say("%s did not stop in time and was killed", each.part.name)

    async def _keep_logs(self) -> None:
        while True:
            for name in (*parts.NAMES, "supervisor"):
                logs.bound(self._layout.log(name))
            await asyncio.sleep(_LOG_CHECK_SECONDS)

    async def _why_not_ready(self) -> str:
        silent = [
            each.part for each in self._running if not await asyncio.to_thread(each.part.answers)
        ]
        names = " and ".join(part.name for part in silent) or "the stack"
        tails = "\n".join(part.quoted_log() for part in silent)
        return f"{names} did not answer within {self._plan.timeout_s:g} s. {tails}"

    def _note(self, progress: str | None = None, **changes: Any) -> None:
        """Change the state, and write it down."""
        if progress is not None:
            _say("%s", progress)
            changes["progress"] = (*self._state.progress, progress)
        self._state = replace(self._state, **changes)
        state.save(self._layout.state, self._state)


async def _until_signalled(plan: Plan) -> int:
    supervisor = Supervisor(plan)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, supervisor.ask_to_stop)
    return await supervisor.run()


def main(arguments: list[str]) -> int:
    """Run the stack described by the one argument; returns the exit status."""
    plan = Plan.from_json(arguments[0])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    layout = Layout(plan.folder)
    layout.logs.mkdir(parents=True, exist_ok=True)
    # Held, and never closed, until this process ends.
    if lock.acquire(layout.lock) is None:
        _say("another supervisor runs the stack in %s", plan.folder)
        return LOCKED
    return asyncio.run(_until_signalled(plan))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
