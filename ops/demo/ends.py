"""How far the topics of a generation reach, and whether a process has got there."""

from collections.abc import Iterable, Mapping

from broker.offsets import Offsets
from ops.generation import Generation
from schemas.topics import FEED_GAP, OUTPUTS, Topic

Ends = Mapping[Topic, Mapping[int, int]]


def end_offsets(generation: Generation, topics: Iterable[Topic]) -> Ends:
    """By topic and partition, the offset behind the last committed record."""
    names = {topic.full_name(generation.name): topic for topic in topics}
    wanted = [
        (name, partition)
        for name, topic in names.items()
        for partition in range(generation.partitions if topic.per_student else 1)
    ]
    ends: dict[Topic, dict[int, int]] = {topic: {} for topic in names.values()}
    for (name, partition), offset in Offsets(generation.client).latest(wanted).items():
        ends[names[name]][partition] = offset
    return ends


def output_ends(generation: Generation) -> dict[str, int]:
    """The end offsets of what workers write: by topic, the sum over its partitions."""
    written = (*OUTPUTS, FEED_GAP)
    ends = end_offsets(generation, written)
    return {topic.name: sum(ends[topic].values()) for topic in written}
