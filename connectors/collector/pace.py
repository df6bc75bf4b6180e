"""How fast each sender may send: a bucket of tokens, one a statement."""

from collections.abc import Callable
from dataclasses import dataclass

from connectors.collector.refusal import Impatient, TooLarge
from connectors.collector.senders import Sender


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Pace:
    """Holds every sender to its rate. `now_s` is a clock that never goes back."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._buckets: dict[str, _Bucket] = {}

    def take(self, sender: Sender, statements: int) -> None:
        """Let so many pass, or raise Impatient; TooLarge for more than may ever come at once."""
        if statements > sender.burst:
            raise TooLarge(
                f"{statements} statements in a request: {sender.name} may send {sender.burst} at"
                " a time; send them in parts"
            )
        now = self._now_s()
        bucket = self._buckets.setdefault(sender.name, _Bucket(float(sender.burst), now))
        rate = sender.statements_per_second
        bucket.tokens = min(float(sender.burst), bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        if bucket.tokens < statements:
            wait = (statements - bucket.tokens) / rate
            raise Impatient(
                f"{sender.name} may send {rate:g} statements a second: send this again in"
                f" {wait:.1f} s",
                wait,
            )
        bucket.tokens -= statements
