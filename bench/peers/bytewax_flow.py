"""Bytewax: a dataflow over all topics, keyed by student, without recovery (which costs extra)."""

import json
from typing import Any

import bytewax.connectors.kafka.operators as kop
import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.run import cli_main

from bench.job import Job, key_of, read_task, write_report

task = read_task()
job = Job(task)


def decode(message: KafkaSourceMessage[Any, Any]) -> tuple[str, dict[str, Any]]:
    """A student and an event."""
    event = job.decode(message.topic or "", message.value)
    return str(event["student"]), event


def count(
    state: dict[str, Any] | None, event: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Count an event; the change of band that it leads to."""
    state = {} if state is None else state
    return state, job.step(state, event)


def to_message(item: tuple[str, dict[str, Any] | None]) -> KafkaSinkMessage[Any, Any] | None:
    """A record of the output topic, where there was a change."""
    change = item[1]
    if change is None:
        return None
    return KafkaSinkMessage(key_of(change["student"]), json.dumps(change).encode())


flow = Dataflow("bench")
source = KafkaSource([task.bootstrap], list(task.topics), tail=False, batch_size=10_000)
messages = op.input("activity", flow, source)
events = op.map("decode", messages, decode)
moved = op.stateful_map("count", events, count)
changes = op.filter_map("message", moved, to_message)
kop.output(
    "changes",
    changes,
    brokers=[task.bootstrap],
    topic=task.output,
    add_config={"compression.type": "lz4"},
)

if __name__ == "__main__":
    cli_main(flow)  # returns when all input is read and the sink has flushed
    write_report(task, job.report())
