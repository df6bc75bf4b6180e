"""A producer that fills large batches, and can put a header on each record."""

from collections.abc import Sequence
from typing import Final

from confluent_kafka import KafkaError, Message, Producer

from broker.clients import ClientConfig
from schemas.errors import Unreachable

# A batch takes what a chunk has for its partition, as it does with a busy connector; our own
# publisher, which serves quiet days too, sends after 2 ms.
_LINGER_MS: Final = 200
_BATCH_BYTES: Final = 1 << 20
_QUEUE_RECORDS: Final = 600_000
_QUEUE_KILOBYTES: Final = 512 << 10
_FLUSH_S: Final = 120.0
_POLL_S: Final = 0.05
_HEADERS: Final[list[tuple[str, str | bytes | None]]] = [("trace", b"1")]


class BulkProducer:
    """Idempotent, lz4; raises Unreachable when the broker does not take something."""

    def __init__(self, client: ClientConfig, *, with_headers: bool = False) -> None:
        self._bootstrap = client.bootstrap
        self._headers = _HEADERS if with_headers else None
        self._error: KafkaError | None = None
        self._producer = Producer(
            {
                **client.settings(
                    enable_idempotence=True,
                    compression_type="lz4",
                    linger_ms=_LINGER_MS,
                    batch_size=_BATCH_BYTES,
                    queue_buffering_max_messages=_QUEUE_RECORDS,
                    queue_buffering_max_kbytes=_QUEUE_KILOBYTES,
                    delivery_report_only_error=True,
                ),
                "on_delivery": self._on_delivery,
            }
        )

    def publish(
        self,
        topic: str,
        values: Sequence[bytes],
        keys: Sequence[bytes],
        partitions: Sequence[int],
    ) -> None:
        """Hand the records over; waits while the queue is full."""
        produce, headers = self._producer.produce, self._headers
        for value, key, partition in zip(values, keys, partitions, strict=True):
            while True:
                try:
                    produce(topic, value, key, partition, headers=headers)
                    break
                except BufferError:
                    self._producer.poll(_POLL_S)
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait until everything is acknowledged."""
        left = self._producer.flush(_FLUSH_S)
        if left or self._error is not None:
            reason = self._error.str() if self._error else f"{left} records wait"
            raise Unreachable(f"Kafka at {self._bootstrap} did not take all records: {reason}")

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        self._error = error or self._error
