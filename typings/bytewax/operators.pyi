from collections.abc import Callable
from typing import Any, TypeVar

from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow, Stream

X = TypeVar("X")
Y = TypeVar("Y")
V = TypeVar("V")
W = TypeVar("W")
S = TypeVar("S")

def input(
    step_id: str, flow: Dataflow, source: KafkaSource
) -> Stream[KafkaSourceMessage[Any, Any]]: ...
def map(step_id: str, up: Stream[X], mapper: Callable[[X], Y]) -> Stream[Y]: ...
def filter_map(step_id: str, up: Stream[X], mapper: Callable[[X], Y | None]) -> Stream[Y]: ...
def stateful_map(
    step_id: str, up: Stream[tuple[str, V]], mapper: Callable[[S | None, V], tuple[S | None, W]]
) -> Stream[tuple[str, W]]: ...
