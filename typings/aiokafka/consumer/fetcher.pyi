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

class Fetcher:
    async def _proc_fetch_request(self, assignment: Any, node_id: int, request: Any) -> bool: ...
