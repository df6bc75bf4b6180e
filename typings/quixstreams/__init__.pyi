from pathlib import Path
from typing import Any

from quixstreams.dataframe import StreamingDataFrame
from quixstreams.models import Deserializer, Topic

class State:
    def get(self, key: str, default: Any = None) -> Any: ...
    def set(self, key: str, value: Any) -> None: ...

class Application:
    def __init__(
        self,
        broker_address: str,
        *,
        consumer_group: str,
        auto_offset_reset: str,
        commit_interval: float,
        consumer_extra_config: dict[str, Any],
        producer_extra_config: dict[str, Any],
        state_dir: Path,
        loglevel: str,
    ) -> None: ...
    def topic(
        self,
        name: str,
        key_deserializer: str = "bytes",
        value_deserializer: str | Deserializer = "json",
        key_serializer: str = "bytes",
        value_serializer: str = "json",
    ) -> Topic: ...
    def dataframe(self, topic: Topic) -> StreamingDataFrame: ...
    def run(self) -> None: ...
    def stop(self) -> None: ...
