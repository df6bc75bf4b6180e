"""Publishes what students are excused from, as a file says it."""

from collections.abc import Callable

from broker.publisher import KafkaPublisher
from connectors.circumstances.file import CircumstanceFile
from connectors.circumstances.plan import plan
from connectors.circumstances.publish import publish_circumstances
from connectors.list_plan import Plan
from connectors.records import Destination
from ops.campus_day import day_in_progress
from ops.clocks import now_ms
from ops.context import Context
from ops.generation import Generation
from ops.whose import everybody, whose_by
from schemas import topics
from scoring.circumstance import Circumstance
from streams.circumstances import circumstances_in_frame


def check_file(file: CircumstanceFile) -> Plan[Circumstance]:
    """What a file holds, whoever its students are."""
    return plan(file.rows(), everybody, (), None)


def publish_file(
    context: Context,
    generation: Generation,
    file: CircumstanceFile,
    scheme: str,
    say: Callable[[str], None],
) -> Plan[Circumstance]:
    """Publish what a file changes. A file that is published again changes nothing."""
    made = plan(
        file.rows(),
        whose_by(context, generation, scheme),
        holding(generation),
        day_in_progress(generation),
    )
    publish_circumstances(
        [*made.withdrawn, *made.declared],
        KafkaPublisher(generation.client, say=say),
        Destination(generation.name, generation.partitions, generation.schema_ids),
        now_ms(),
    )
    return made


def holding(generation: Generation) -> list[Circumstance]:
    """What the topic holds that was not withdrawn."""
    last = circumstances_in_frame(generation.read(topics.CIRCUMSTANCE))
    return [one for one in last.values() if one is not None and one.withdrawn_on is None]
