"""Loads student files into a generation: the one writer of identities."""

import secrets
from typing import Final

from broker.publisher import KafkaPublisher
from broker.transactions import KafkaTransactionalWriter
from connectors.records import Destination, Encoder
from connectors.students.file import StudentFile
from connectors.students.load import LoadAccount, load_students
from connectors.students.oneroster import OneRoster
from ops.clocks import now_ms
from ops.console import ERR
from ops.context import Context
from ops.generation import Generation
from ops.reference import read_registrar
from schemas.topics import REFERENCE_PARTITIONS

_IDENTITY_PARTITION: Final = REFERENCE_PARTITIONS - 1


def enrol(
    context: Context, generation: Generation, students: StudentFile | OneRoster
) -> LoadAccount:
    """Load a student file or a roster; what it holds already changes nothing."""
    writer = fenced(generation)
    registrar = read_registrar(context, generation, secrets.randbelow)
    return load_students(
        students.rows(),
        registrar,
        writer,
        KafkaPublisher(generation.client, say=ERR.print),
        encoder_of(context, generation),
        now_ms,
    )


def fenced(generation: Generation) -> KafkaTransactionalWriter:
    """The one writer of identities of a generation; another one is stopped."""
    writer = KafkaTransactionalWriter(
        generation.client,
        transactional_id=f"leap-identity-{generation.name}",
        generation=generation.name,
        partition=_IDENTITY_PARTITION,
    )
    writer.fence()
    return writer


def encoder_of(context: Context, generation: Generation) -> Encoder:
    """Encodes for a generation."""
    to = Destination(generation.name, generation.partitions, generation.schema_ids)
    return Encoder(to, context.site_key)
