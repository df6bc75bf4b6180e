"""Publishes who is sponsored, as a list says it."""

from collections.abc import Callable

from broker.publisher import KafkaPublisher
from connectors.list_plan import Plan
from connectors.records import Destination
from connectors.sponsorship.file import SponsorshipFile
from connectors.sponsorship.plan import Sponsorship, changed_students, plan
from connectors.sponsorship.publish import publish_sponsorships
from ops.clocks import now_ms
from ops.context import Context
from ops.generation import Generation
from ops.whose import everybody, whose_by
from schemas import topics
from streams.sponsorships import sponsorships_in_frame


def check_file(file: SponsorshipFile) -> Plan[Sponsorship]:
    """What a list holds, whoever its students are."""
    return plan(file.rows(), everybody, ())


def publish_file(
    context: Context,
    generation: Generation,
    file: SponsorshipFile,
    scheme: str,
    say: Callable[[str], None],
) -> Plan[Sponsorship]:
    """Publish what a list changes. A list that is published again changes nothing."""
    held = holding(generation)
    made = plan(file.rows(), whose_by(context, generation, scheme), held)
    publish_sponsorships(
        changed_students(made, held),
        KafkaPublisher(generation.client, say=say),
        Destination(generation.name, generation.partitions, generation.schema_ids),
        now_ms(),
    )
    return made


def holding(generation: Generation) -> list[Sponsorship]:
    """What the topic holds."""
    last = sponsorships_in_frame(generation.read(topics.SPONSORSHIP))
    return [
        Sponsorship(student, first, end) for student, spans in last.items() for first, end in spans
    ]
