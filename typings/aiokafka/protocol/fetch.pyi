from io import BytesIO
from typing import Any, ClassVar, Self

class FetchResponse_v11:
    topics: Any
    def __init__(self, *fields: object) -> None: ...
    @classmethod
    def decode(cls, data: BytesIO | bytes) -> Self: ...
    def encode(self) -> bytes: ...

class FetchRequest_v11:
    RESPONSE_TYPE: ClassVar[type[FetchResponse_v11]]
    replica_id: int
    max_wait_time: int
    min_bytes: int
    max_bytes: int
    isolation_level: int
    session_id: int
    session_epoch: int
    topics: list[tuple[str, list[tuple[int, ...]]]]
    rack_id: str
    def __init__(self, *fields: object) -> None: ...
    @classmethod
    def decode(cls, data: BytesIO | bytes) -> Self: ...
    def encode(self) -> bytes: ...

FetchRequestStruct = FetchRequest_v11

class FetchRequest:
    _max_wait_ms: int
    _min_bytes: int
    _max_bytes: int
    _isolation_level: int
    _topics: list[tuple[str, list[tuple[int, int, int]]]]
    _rack_id: str
    def __init__(
        self,
        max_wait_time: int,
        min_bytes: int,
        max_bytes: int,
        isolation_level: int,
        topics: list[tuple[str, list[tuple[int, int, int]]]],
        rack_id: str = "",
    ) -> None: ...
    def build(self, request_struct_class: type[FetchRequestStruct]) -> FetchRequestStruct: ...
