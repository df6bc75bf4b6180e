from collections.abc import Iterable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

class KafkaSourceMessage(Generic[K, V]):
    key: K
    value: V
    topic: str | None

class KafkaSinkMessage(Generic[K, V]):
    def __init__(self, key: K, value: V) -> None: ...

class KafkaSource:
    def __init__(
        self, brokers: Iterable[str], topics: Iterable[str], *, tail: bool, batch_size: int
    ) -> None: ...
