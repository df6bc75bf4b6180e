from collections.abc import Iterable, Mapping
from typing import Any

from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.dataflow import Stream

def output(
    step_id: str,
    up: Stream[KafkaSinkMessage[Any, Any]],
    *,
    brokers: Iterable[str],
    topic: str,
    add_config: Mapping[str, str],
) -> Stream[Any]: ...
