"""Publishes what students are excused from, as a file says it."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broker.publisher import KafkaPublisher
from connectors.circumstances.file import CircumstanceFile
from connectors.circumstances.plan import Plan, Whose, plan
from connectors.circumstances.publish import publish_circumstances
from connectors.identity import pseudonyms
from connectors.oulad.source import SCHEME as OULAD
from connectors.people import UNKNOWN
from connectors.records import Destination
from connectors.schemes import Scheme
from ops.campus_day import day_in_progress
from ops.clocks import now_ms
from ops.context import Context
from ops.generation import Generation
from ops.reference import read_people
from schemas import topics
from scoring.circumstance import Circumstance
from streams.circumstances import circumstances_in_frame

PSEUDONYM: Final = "pseudonym"
SCHEMES: Final = (*(scheme.value for scheme in Scheme), OULAD, PSEUDONYM)
"""What the column `student` of a file may hold."""


def check_file(file: CircumstanceFile) -> Plan:
    """What a file holds, whoever its students are."""
    return plan(file.rows(), _everybody, (), None)


def publish_file(
    context: Context,
    generation: Generation,
    file: CircumstanceFile,
    scheme: str,
    say: Callable[[str], None],
) -> Plan:
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


def whose_by(context: Context, generation: Generation, scheme: str) -> Whose:
    """Who the students of a file are, by what its column `student` holds.

    Identifiers of a campus are looked up in the identity topic; pseudonyms, and those of OULAD's
    students, have to have a student record.
    """
    if scheme in set(Scheme):
        people = read_people(context, generation)
        return lambda identifiers: people.find(Scheme(scheme), identifiers)
    recorded = np.unique(generation.read(topics.STUDENT)["student"].to_numpy())

    def find(identifiers: Sequence[str]) -> NDArray[np.int64]:
        distinct = [text for text in dict.fromkeys(identifiers) if _is_number(text)]
        if scheme == OULAD:
            numbers = pseudonyms(context.site_key, OULAD, distinct)
        else:
            numbers = np.array([int(text) for text in distinct], np.int64)
        known = np.where(np.isin(numbers, recorded), numbers, UNKNOWN).tolist()
        of = dict(zip(distinct, known, strict=True))
        return np.array([of.get(text, UNKNOWN) for text in identifiers], np.int64)

    return find


def _everybody(identifiers: Sequence[str]) -> NDArray[np.int64]:
    """Each identifier is somebody."""
    number = {text: at for at, text in enumerate(dict.fromkeys(identifiers))}
    return np.array([number[text] for text in identifiers], np.int64)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 16
