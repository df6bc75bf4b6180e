"""Reads topics outside any consumer group: to the end once, or on and on."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.structs import TopicPartition

from broker.batches import CorruptBatch
from broker.clients import ClientConfig, unreachable
from broker.consumer import SliceConsumer
from broker.slices import Slice

_FETCH_WAIT_MS: Final = 100
_POLL_MS: Final = 500
_PARTITION_FETCH_BYTES: Final = 1 << 20
_ANSWER_BYTES: Final = 8 << 20
"""Compressed: decoded, records that compress well take ten times that and more."""


class SliceReader:
    """A consumer of fixed partitions that reads committed records as slices.

    An async context manager. Positions move with what was handed out; nothing is committed. Reading
    raises `CorruptBatch` where a batch is damaged, after everything else that came with it.
    """

    def __init__(self, client: ClientConfig) -> None:
        self._client = client
        self._positions: dict[TopicPartition, int] = {}
        self._damage: CorruptBatch | None = None  # which was not raised yet
        self._moved_ms = 0  # when any of them did
        self._consumer = SliceConsumer(
            bootstrap_servers=client.bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=_PARTITION_FETCH_BYTES,
            fetch_max_bytes=_ANSWER_BYTES,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
        )

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
        except KafkaConnectionError as error:
            await self._consumer.stop()
            raise unreachable(self._client, "read topics") from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._consumer.stop()

    async def assign_from_start(
        self, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """Read these from their first offset on; returns their end offsets of this moment."""
        self._consumer.assign(partitions)
        first = await self._consumer.beginning_offsets(partitions)
        for partition, offset in first.items():
            self._consumer.seek(partition, offset)
        self._positions = dict(first)
        self._moved_ms = _now_ms()
        return await self._consumer.end_offsets(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read an assigned partition from here on; what the broker has deleted is passed over."""
        self._consumer.seek(partition, offset)
        self._positions[partition] = offset
        self._moved_ms = _now_ms()

    async def read_to(
        self, ends: Mapping[TopicPartition, int]
    ) -> AsyncIterator[tuple[TopicPartition, Slice]]:
        """Every slice up to these offsets, then no more. Call `assign_from_start` first."""
        while self._is_before(ends):
            found = await self._poll(_POLL_MS)
            if not found:  # an answer may have come just when the time was over
                found = await self._poll(0)
            for partition, piece in found:
                yield partition, piece
            if not found and self._is_before(ends):
                self._skip_empty_tails(ends)

    async def read_on(self) -> AsyncIterator[tuple[TopicPartition, Slice]]:
        """Slices as they come, without end."""
        while True:
            for partition, piece in await self._poll(_POLL_MS):
                yield partition, piece

    def _is_before(self, ends: Mapping[TopicPartition, int]) -> bool:
        return any(self._positions[partition] < end for partition, end in ends.items())

    async def _poll(self, timeout_ms: int) -> list[tuple[TopicPartition, Slice]]:
        """What has come; of what is damaged, first the others that came with it."""
        if self._damage is not None:
            damage, self._damage = self._damage, None
            raise damage
        try:
            fetched = await self._consumer.getmany(timeout_ms=timeout_ms)
        except KafkaError:
            if not self._consumer.assignment():
                raise
            await asyncio.sleep(_POLL_MS / 1000)  # the broker restarts: aiokafka reconnects
            return []
        found: list[tuple[TopicPartition, Slice]] = []
        for partition, pieces in fetched.items():
            for piece in pieces:
                if piece.damage is not None:
                    self._damage = piece.damage
                    continue
                found.append((partition, piece))
                self._positions[partition] = piece.next
                self._moved_ms = _now_ms()
        return found

    def _skip_empty_tails(self, ends: Mapping[TopicPartition, int]) -> None:
        """Compaction may have left nothing between the last batch and the end offset.

        To be called when nothing is buffered in the consumer, right after a poll that did not wait.
        Nothing is there when the broker has answered for the partition since any of them moved
        (aiokafka drops answers for another position): an answer that came before may have been
        full of others' records.
        """
        for partition, end in ends.items():
            answered_ms = self._consumer.last_poll_timestamp(partition)
            if answered_ms is not None and answered_ms > self._moved_ms:
                self._positions[partition] = max(self._positions[partition], end)


def _now_ms() -> int:
    return int(time.time() * 1000)  # the clock aiokafka stamps answers with
