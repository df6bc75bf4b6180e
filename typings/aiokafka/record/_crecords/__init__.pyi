from collections.abc import Iterator

class DefaultRecord:
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]

class DefaultRecordBatch:
    def __init__(self, buffer: bytes) -> None: ...
    def __iter__(self) -> Iterator[DefaultRecord]: ...
