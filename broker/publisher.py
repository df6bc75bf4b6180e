"""Publishing to Kafka from outside a worker: many records at once, and how far a log reaches.

How `KafkaPublisher` publishes:

1. A record is queued with the partition its writer chose. When the queue is full the caller waits.
2. librdkafka sends in the background, in order and without repeats within a partition
   (idempotent), and tries again with growing pauses while the broker is away.
3. `flush` waits until the broker has acknowledged everything, telling `say` now and then how much
   is waiting. A record that could not be delivered within the patience is remembered; from then
   on every call raises, since nothing that follows may be taken for complete.
4. `log_ends`, after `flush`, are the offsets below which everything lies that was published.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import OffsetSpec

from broker.clients import ClientConfig
from schemas.errors import LeapError, TopicError, Unreachable

PATIENCE_S: Final = 120.0
"""How long a record may wait for the broker before it counts as not delivered."""

_SAY_EVERY_S: Final = 5.0
_LINGER_MS: Final = 2  # a day's records are handed over at once: waiting for more would be idle
_BATCH_BYTES: Final = 1 << 20
_QUEUE_RECORDS: Final = 500_000
_QUEUE_KILOBYTES: Final = 256 * 1024
_NO_SUCH_PARTITION: Final = (
    *("UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC", "_UNKNOWN_PARTITION"),
    "_NOENT",  # none of the partitions asked about exists
)
_FIRST_PAUSE_S: Final = 0.1
_LAST_PAUSE_S: Final = 2.0
_PATIENCE_BY_ERROR_S: Final = {
    **dict.fromkeys(_NO_SUCH_PARTITION, 1.0),  # a new topic may take a moment to be known
    "_TIMED_OUT": 0.0,  # the request was patient already
}
_TOO_LARGE: Final = "MSG_SIZE_TOO_LARGE"
_log_end: Final[Callable[[], OffsetSpec]] = OffsetSpec.latest  # typed here, since not there


class Place(NamedTuple):
    """A partition of a topic, under the topic's full name."""

    topic: str
    partition: int


class Publisher(Protocol):
    """Where records go. After an error it is of no further use: what it held may be lost.

    Every call may raise Unreachable (the broker did not take the records in time) or TopicError
    (a topic or partition does not exist); the text says which broker, what is not delivered and
    what to do. Publishing the same again is the remedy, and harmless.
    """

    def publish(
        self,
        topic: str,
        values: Sequence[bytes],
        keys: Sequence[bytes],
        partitions: Sequence[int],
    ) -> None:
        """Hand over records, as many keys and partitions as values; may return before they left.

        Records of one partition keep their order, over all calls.
        """

    def flush(self) -> None:
        """Return once the broker has acknowledged everything handed over before."""

    def log_ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """The offset that the next record of each partition will get."""


class KafkaPublisher:
    """A `Publisher` to the broker at `client`.

    `say` is told, in one sentence, when the broker keeps it waiting. It is called from within the
    methods, on the caller's thread.
    """

    def __init__(
        self,
        client: ClientConfig,
        *,
        say: Callable[[str], None],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._client = client
        self._say = say
        self._patience_s = patience_s
        self._trouble = "no answer yet"
        self._lost = 0
        self._loss: tuple[KafkaError, str] | None = None  # the last one, and its topic
        quiet = client.settings()
        self._producer = Producer(
            {
                **quiet,
                "enable.idempotence": True,
                "acks": "all",
                "compression.type": "lz4",
                "linger.ms": _LINGER_MS,
                "batch.size": _BATCH_BYTES,
                "queue.buffering.max.messages": _QUEUE_RECORDS,
                "queue.buffering.max.kbytes": _QUEUE_KILOBYTES,
                "message.timeout.ms": round(patience_s * 1000),
                "delivery.report.only.error": True,
                "on_delivery": self._on_delivery,
                "error_cb": self._on_trouble,
            }
        )
        self._admin = AdminClient(dict(quiet))

    def publish(
        self,
        topic: str,
        values: Sequence[bytes],
        keys: Sequence[bytes],
        partitions: Sequence[int],
    ) -> None:
        """Queue the records; waits while the queue is full."""
        produce = self._producer.produce
        try:
            for value, key, partition in zip(values, keys, partitions, strict=True):
                try:
                    produce(topic, value, key, partition)
                except BufferError:
                    self.flush()
                    produce(topic, value, key, partition)
        except KafkaException as error:
            raise self._meaning(error.args[0], "take a record for", topic) from error
        self._producer.poll(0)
        self._raise_loss()

    def flush(self) -> None:
        """Wait until everything is acknowledged."""
        while waiting := self._producer.flush(_SAY_EVERY_S):
            self._raise_loss()
            broker = self._client.bootstrap
            self._say(f"Kafka at {broker} keeps {waiting} records waiting ({self._trouble})")
        self._raise_loss()

    def log_ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """The log ends, asked for in one request; again and again while a partition moves."""
        waited_s, pause_s = 0.0, _FIRST_PAUSE_S
        while True:
            ends: dict[Place, int] = {}
            failed: list[tuple[KafkaError, str]] = []
            wanted = {TopicPartition(*place): _log_end() for place in places}
            futures = self._admin.list_offsets(wanted, request_timeout=self._patience_s)
            for asked, future in futures.items():
                try:
                    ends[Place(asked.topic, asked.partition)] = future.result().offset
                except KafkaException as raised:
                    failed.append((raised.args[0], asked.topic))
            if not failed:
                return ends
            error, topic = failed[0]
            if waited_s >= _PATIENCE_BY_ERROR_S.get(error.name(), self._patience_s):
                raise self._meaning(error, "tell the end of", topic)
            time.sleep(pause_s)
            waited_s, pause_s = waited_s + pause_s, min(2 * pause_s, _LAST_PAUSE_S)

    def _on_trouble(self, error: KafkaError) -> None:
        if error.name() != "_ALL_BROKERS_DOWN":  # follows the error that says why
            self._trouble = error.str()

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._lost += 1
            self._loss = (error, message.topic() or "")

    def _raise_loss(self) -> None:
        if self._loss is not None:
            error, topic = self._loss
            raise self._meaning(error, f"take at least {self._lost} records, the last for", topic)

    def _meaning(self, error: KafkaError, refused: str, topic: str) -> LeapError:
        broker = self._client.bootstrap
        if error.name() in _NO_SUCH_PARTITION:
            return TopicError(
                f"{topic} at {broker} does not exist, has fewer partitions than its generation, or"
                " has no leader now: create the generation's topics, then publish again"
            )
        if error.name() == _TOO_LARGE:
            return TopicError(
                f"a record is larger than {topic} at {broker} takes: raise max.message.bytes of the"
                " topic, or find out what made it so large; then publish again"
            )
        return Unreachable(
            f"Kafka at {broker} did not {refused} {topic} ({error.str()}; {self._trouble}): check"
            " that it runs (`leap status`) and that LEAP_KAFKA names it, then publish again; what"
            " was delivered is recognised"
        )
