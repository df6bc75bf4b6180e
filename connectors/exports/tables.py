"""Library loans, recordings, reading lists: docs/connectors/exports.md."""

from typing import Final

import numpy as np

from connectors.one_kind import Table
from connectors.one_kind_source import source_type
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.values import decimals, numbers, one_of
from schemas.columns import Column, Nullable
from schemas.types import Kind

_YES: Final = ("yes", "true", "1")
_NO: Final = ("no", "false", "0")
_SECONDS_LIMIT: Final = 2**31
_MINUTES_LIMIT: Final = 1_000_000.0  # two years


def _watched_seconds(sieve: Sieve) -> Column:
    return numbers(sieve, "watched_seconds", limit=_SECONDS_LIMIT)


def watched_minutes(sieve: Sieve) -> Column:
    """Minutes, such as 0.5, as whole seconds."""
    is_given, minutes = decimals(sieve, "minutes_watched", limit=_MINUTES_LIMIT)
    return Nullable(is_given, np.rint(minutes * 60).astype(np.int64))


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
PANOPTO: Final = Table(
    system="recordings",
    kind=Kind.LISTEN_AGAIN,
    item="recording",
    texts=("module",),
    others={"minutes_watched": watched_minutes},
    told_as={"minutes_watched": "watched_seconds"},
    names={
        "student": "Username",
        "recording": "Session ID",
        "time": "Timestamp",
        "module": "Folder Name",
        "minutes_watched": "Minutes Delivered",
    },
    scheme=Scheme.USERNAME,
)
READING_LISTS: Final = Table(
    system="reading_lists",
    kind=Kind.READING_LIST,
    item="list",
    texts=("item", "module"),
)

LIBRARY_LOANS: Final = source_type("exports.loans", "library loans", LOANS)
RECORDING_VIEWS: Final = source_type("exports.recordings", "recordings watched", RECORDINGS)
PANOPTO_VIEWS: Final = source_type("exports.panopto", "views of Panopto's report", PANOPTO)
READING_LIST_EVENTS: Final = source_type("exports.reading_lists", "lists opened", READING_LISTS)
