"""A steady load: events as they happen, some late, some twice, some far too late."""

import threading
import time
from collections import deque
from types import TracebackType
from typing import Self

import numpy as np

from connectors.records import Records
from ops.clocks import now_ms
from schemas.types import Day, StudentId
from tests.chaos.campus import DAY_MS, KINDS, Campus, send

STEP_S = 0.2  # as often as workers publish; smaller steps only cost more
LATE = 0.03  # of the events: up to 20 days
TOO_LATE = 0.002  # older than any window
REPEATED = 0.05  # of the steps: one of the last steps is published again
MOVES_A_SECOND = 4  # students who leave or come back
REMEMBERED_STEPS = 200


class Load:
    """Runs in a thread of its own, from entering the context to leaving it; `pause` in between."""

    def __init__(self, campus: Campus, *, seed: int) -> None:
        self.published = 0
        self._campus = campus
        self._random = np.random.default_rng(seed)
        self._publisher = campus.publisher()
        self._sent: deque[Records] = deque(maxlen=REMEMBERED_STEPS)
        self._gone: set[int] = set()
        self._runs = threading.Event()
        self._ended = threading.Event()
        self._is_idle = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="load", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._runs.set()
        self._thread.join()

    def resume(self) -> None:
        self._is_idle.clear()
        self._runs.set()

    def pause(self) -> None:
        """Returns when everything that was published is acknowledged."""
        self._runs.clear()
        self._is_idle.wait()
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        try:
            while not self._ended.is_set():
                if not self._runs.is_set():
                    self._publisher.flush()
                    self._is_idle.set()
                    self._runs.wait()
                    continue
                began = time.monotonic()
                self._step()
                self._ended.wait(max(0.0, STEP_S - (time.monotonic() - began)))
            self._publisher.flush()
        except BaseException as error:  # told to the test, which waits in another thread
            self._failure = error
        finally:
            self._is_idle.set()

    def _step(self) -> None:
        count = max(1, round(self._campus.scale.live * STEP_S))
        random, campus = self._random, self._campus
        if self._sent and random.random() < REPEATED:
            send(self._publisher, self._sent[int(random.integers(len(self._sent)))])
        fate = random.random(count)
        ages = random.integers(0, 1000, count)
        ages += np.where(fate < LATE, random.integers(1, 20 * DAY_MS, count), 0)
        ages += np.where(fate > 1 - TOO_LATE, 200 * DAY_MS, 0)
        busy = random.random(count) ** 1.5  # some students do far more than others
        students = campus.students[(busy * len(campus.students)).astype(np.int64)]
        numbers = np.arange(self.published, self.published + count)
        kind = KINDS[int(random.random() < 0.2)]
        records = campus.events(kind, numbers, students, now_ms() - ages)
        send(self._publisher, records)
        self._sent.append(records)
        self.published += count
        if random.random() < MOVES_A_SECOND * STEP_S:
            self._move(int(random.choice(campus.students)))

    def _move(self, student: int) -> None:
        """A student leaves (yesterday was the last day), or comes back."""
        last = None if student in self._gone else Day(self._campus.today - 1)
        self._gone ^= {student}
        send(self._publisher, self._campus.student(StudentId(student), until_day=last))
