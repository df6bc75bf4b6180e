"""A producer whose records become visible together or not at all, and that only one owner has.

Kafka's transactions: a producer that takes over a transactional id *fences* the one before it,
whose records are refused from then on. One id a partition makes a frozen former owner harmless.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from confluent_kafka import KafkaError, KafkaException, Producer

from broker.clients import ClientConfig, unreachable
from schemas.errors import Fenced, LeapError, LeaseLapsed
from schemas.topics import DAY_CLOSED, Topic

_FENCING: Final = frozenset(
    {
        KafkaError._FENCED,
        KafkaError.PRODUCER_FENCED,
        KafkaError.INVALID_PRODUCER_EPOCH,
        KafkaError._FATAL,  # of a producer that has learnt it before, in the background
    }
)
_CALL_TIMEOUT_S: Final = 10.0
_PATIENCE_S: Final = 60.0  # through the restart of a broker
_TRANSACTION_TIMEOUT_MS: Final = 60_000  # of the broker: what is older is aborted by it
_QUEUE_MESSAGES: Final = 1_000_000
_QUEUE_KIB: Final = 512 << 10
_FULL_QUEUE_POLL_S: Final = 0.05
_LINGER_MS: Final = 1_000
"""Nothing is in a hurry before the commit, which sends the rest at once whatever this says. With a
few milliseconds librdkafka's thread looks at all topic-partitions again and again, without a pause
while requests are on their way: 4.6 CPU seconds for 800,000 records of 24 producers, against 0.4.
"""


@dataclass(frozen=True, slots=True)
class Messages:
    """Records of one topic, all for the writer's partition."""

    topic: Topic
    keys: Sequence[bytes]
    values: Sequence[bytes]


class TransactionalWriter(Protocol):
    """The writing side of one partition.

    - `fence` comes first, once: it waits until nothing of a former owner is on its way any more.
    - `write` is one transaction. When it returns, it is decided: a reader of committed records sees
      all of them, at once or a moment later, and whoever fences sees them at once. When it raises,
      nobody sees any, and the records have to be computed again from what is published. It raises
      Fenced when another owner has taken over, for good. LeaseLapsed is milder: it was not certain
      that this is still the owner, and the same may be written again once it is.
    - Both block; they are called off the event loop.
    """

    def fence(self) -> None:
        """Take over from any former owner."""
        ...

    def write(self, messages: Sequence[Messages]) -> int:
        """Publish everything in one transaction; returns the number of records."""
        ...


class KafkaTransactionalWriter:
    """`TransactionalWriter` on a Kafka broker."""

    def __init__(
        self,
        client: ClientConfig,
        *,
        transactional_id: str,
        generation: str,
        partition: int,
        may_commit: Callable[[], bool] = lambda: True,
    ) -> None:
        """`may_commit` is asked on the calling thread, last thing before a commit."""
        self._client = client
        self._may_commit = may_commit
        self._generation = generation
        self._partition = partition
        self._id = transactional_id
        settings = client.settings(
            transactional_id=transactional_id,
            transaction_timeout_ms=_TRANSACTION_TIMEOUT_MS,
            compression_type="lz4",
            linger_ms=_LINGER_MS,
            batch_size=1 << 20,
            retry_backoff_ms=5,
            queue_buffering_max_messages=_QUEUE_MESSAGES,
            queue_buffering_max_kbytes=_QUEUE_KIB,
        )
        self._producer = Producer(settings)

    def fence(self) -> None:
        """Take over from any former owner.

        librdkafka looks for the coordinator over a connection that is up; where there is none, it
        looks again half a second later. Asking for anything first makes it 0.1 s instead of 0.5 s.
        """
        deadline = time.monotonic() + _PATIENCE_S
        with suppress(KafkaException):
            self._producer.list_topics(DAY_CLOSED.full_name(self._generation), _CALL_TIMEOUT_S)
        try:
            self._patiently(self._producer.init_transactions, deadline)
        except KafkaException as error:
            raise self._final(error) from error

    def write(self, messages: Sequence[Messages]) -> int:
        """Publish everything in one transaction; returns the number of records."""
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._producer.begin_transaction()
                count = sum(self._produce(part) for part in messages)
                if not self._may_commit():
                    self._abort(deadline)
                    raise LeaseLapsed(f"{self._id}: no heartbeat was answered lately")
                self._patiently(self._producer.commit_transaction, deadline)
            except KafkaException as error:
                if not _error_of(error).txn_requires_abort() or time.monotonic() > deadline:
                    raise self._final(error) from error
            else:
                return count
            self._abort(deadline)  # the broker lost a record: all of them once more

    def _abort(self, deadline: float) -> None:
        try:
            self._patiently(self._producer.abort_transaction, deadline)
        except KafkaException as error:
            raise self._final(error) from error

    def _produce(self, part: Messages) -> int:
        name = part.topic.full_name(self._generation)
        produce, partition = self._producer.produce, self._partition
        for key, value in zip(part.keys, part.values, strict=True):
            while True:
                try:
                    produce(name, value, key, partition)
                    break
                except BufferError:
                    self._producer.poll(_FULL_QUEUE_POLL_S)
        self._producer.poll(0)
        return len(part.keys)

    def _patiently(self, call: Callable[[float], None], deadline: float) -> None:
        """A call of the transaction protocol, again as long as librdkafka says that this helps."""
        while True:
            try:
                return call(_CALL_TIMEOUT_S)
            except KafkaException as error:
                if not _error_of(error).retriable() or time.monotonic() > deadline:
                    raise

    def _final(self, error: KafkaException) -> LeapError:
        cause = _error_of(error)
        if cause.code() in _FENCING or cause.fatal():
            return Fenced(
                f"another process has taken over {self._id} ({cause.str()}): this one drops the"
                " partition"
            )
        return unreachable(self._client, f"commit a transaction of {self._id}: {cause.str()}")


def _error_of(exception: KafkaException) -> KafkaError:
    error: KafkaError = exception.args[0]
    return error
