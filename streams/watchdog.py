"""Ends a process that would otherwise hang in silence.

Two things go wrong without an exception reaching anybody: the group refuses this member (aiokafka
keeps that to itself), and something that has to end does not (Faust's recovery, for example, is
dead after a seek that took too long).
"""

from collections.abc import Mapping
from typing import Final

from aiokafka.errors import KafkaError

from schemas.errors import LeapError

PATIENCE_S: Final = 30.0


class Watchdog:
    """Looked after once in a while; it has no clock of its own."""

    def __init__(self, group: str, patience_s: float = PATIENCE_S) -> None:
        """`patience_s`: how long anything under way may go without a sign of progress."""
        self._group = group
        self._patience_s = patience_s
        self._since_s: dict[str, float] = {}
        self._progress: dict[str, object] = {}

    def look(
        self, now_s: float, *, failure: Exception | None, under_way: Mapping[str, object]
    ) -> None:
        """Raise LeapError when the process has to end.

        `failure`: what ended the membership. `under_way`: by name, what should come to its end,
        with something that changes whenever it makes progress; what is left out is over.
        """
        if isinstance(failure, KafkaError):
            raise LeapError(
                f"the group {self._group} does not want this member any more"
                f" ({type(failure).__name__}: {failure}): check the rights of its user"
            ) from failure
        if failure is not None:
            raise failure
        for name in self._since_s.keys() - under_way.keys():
            del self._since_s[name], self._progress[name]
        for name, progress in under_way.items():
            if name not in self._since_s or self._progress[name] != progress:
                self._since_s[name], self._progress[name] = now_s, progress
            elif now_s - self._since_s[name] > self._patience_s:
                raise LeapError(
                    f"{name} of the group {self._group} has not got any further for"
                    f" {self._patience_s:g} s: this process ends, so that others take over; check"
                    " that Kafka answers, then start it again"
                )
