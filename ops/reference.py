"""Reads whole topics that the command line needs to know: who is who, what is in quarantine."""

from collections.abc import Mapping

from connectors.people import KnownPeople
from connectors.quarantine import Entry, Outcome
from connectors.registrar import Draw, Registrar
from ops.context import Context
from ops.generation import Generation
from schemas import topics

_OUTCOMES = tuple(outcome.value for outcome in Outcome)


def read_people(context: Context, generation: Generation) -> KnownPeople:
    """Who is who now."""
    known, erased = _identities(generation)
    return KnownPeople(context.site_key, known, erased)


def read_registrar(context: Context, generation: Generation, draw: Draw) -> Registrar:
    """Who is who, for the one who may change it."""
    known, erased = _identities(generation)
    return Registrar(context.site_key, known, erased, draw)


def read_entries(generation: Generation) -> list[Entry]:
    """Everything in quarantine, as often as it was put there."""
    frame = generation.read(topics.QUARANTINE)
    return [Entry(**row) for row in frame.iter_rows(named=True)]


def read_settled(generation: Generation) -> Mapping[str, str]:
    """What became of entries."""
    frame = generation.read(topics.QUARANTINE_SETTLED)
    return {
        entry: _OUTCOMES[outcome] for entry, outcome in frame.select("entry", "outcome").iter_rows()
    }


def _identities(generation: Generation) -> tuple[dict[bytes, int], set[bytes]]:
    known = generation.read(topics.IDENTITY).select("identity", "student")
    erased = generation.read(topics.ERASED)["identity"]
    return dict(known.iter_rows()), set(erased.to_list())
