from asyncio import Future
from collections.abc import Iterator
from typing import Any

from aiokafka.structs import TopicPartition

READ_COMMITTED: int

class PartitionRecords:
    next_fetch_offset: int
    _tp: TopicPartition
    _records: Any
    _isolation_level: int
    _aborted_producers: set[int]
    def _unpack_records(self) -> Iterator[Any]: ...
    def _consume_aborted_up_to(self, batch_offset: int) -> None: ...

class FetchResult:
    _partition_records: Any
    def has_more(self) -> bool: ...

class Fetcher:
    _fetch_min_bytes: int
    _fetch_max_bytes: int
    _fetch_max_wait_ms: int
    _records: dict[TopicPartition, object]
    _wait_consume_future: Future[None] | None
    def __init__(self, *args: Any, **settings: Any) -> None: ...
    def _notify(self, future: Future[None] | None) -> None: ...
    async def _proc_fetch_request(self, assignment: Any, node_id: int, request: Any) -> bool: ...
