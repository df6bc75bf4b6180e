"""Library loans, recordings, reading lists: docs/connectors/exports.md."""

from typing import Final

from connectors.one_kind import Table
from connectors.one_kind_source import source_type
from connectors.sieve import Sieve
from connectors.values import numbers, one_of
from schemas.columns import Column, Nullable
from schemas.types import Kind

_YES: Final = ("yes", "true", "1")
_NO: Final = ("no", "false", "0")
_SECONDS_LIMIT: Final = 2**31


def _watched_seconds(sieve: Sieve) -> Column:
    return numbers(sieve, "watched_seconds", limit=_SECONDS_LIMIT)


def _renewal(sieve: Sieve) -> Column:
    texts = one_of(sieve, "renewal", (*_YES, *_NO))
    return Nullable((texts != "").to_numpy(), texts.is_in(_YES).to_numpy())


LOANS: Final = Table(
    system="library",
    kind=Kind.LIBRARY_LOAN,
    item="item",
    texts=("library",),
    others={"renewal": _renewal},
)
RECORDINGS: Final = Table(
    system="recordings",
    kind=Kind.LISTEN_AGAIN,
    item="recording",
    texts=("module",),
    others={"watched_seconds": _watched_seconds},
)
READING_LISTS: Final = Table(
    system="reading_lists",
    kind=Kind.READING_LIST,
    item="list",
    texts=("item", "module"),
)

LIBRARY_LOANS: Final = source_type("exports.loans", "library loans", LOANS)
RECORDING_VIEWS: Final = source_type("exports.recordings", "recordings watched", RECORDINGS)
READING_LIST_EVENTS: Final = source_type("exports.reading_lists", "lists opened", READING_LISTS)
