"""FOLIO's loans as a source that can be configured."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from connectors.folio.mapping import LIST, NAMES, NEEDED, OPTIONAL, FolioLoans
from connectors.incremental import IncrementalSource
from connectors.json_documents import JsonDocumentsReader
from connectors.options import FileOptions, Setting, SourceType
from connectors.reference_table import all_accepted, reference_rows
from connectors.rows import Columns
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.table import FileSource
from connectors.values import given

_USERS: Final = Columns(("id", "identifier"))


class FolioOptions(FileOptions):
    """Options of FOLIO's loans."""

    users: Path | None = Field(
        default=None,
        description="CSV: id, identifier. FOLIO's user ids, and by what the campus knows them.",
    )
    scheme: Scheme = Field(
        default=Scheme.STUDENT,
        description="What kind of identifier the table of users gives; without it, what userId is.",
    )


def build(options: FolioOptions, setting: Setting) -> IncrementalSource:
    """The files of the options; SourceError when the table of users cannot be used."""
    mapping = FolioLoans(
        setting.feed,
        setting.zone,
        options.columns_of(NEEDED, OPTIONAL, names=NAMES),
        options.scheme,
        None if options.users is None else read_users(options.users),
    )
    reader = JsonDocumentsReader(LIST, options.encoding)
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


def read_users(path: Path) -> Mapping[str, str]:
    """The table of users."""
    known: dict[str, str] = {}
    for rows in reference_rows(path, _USERS):
        sieve = Sieve(rows, "")
        ids, identifiers = given(sieve, "id"), given(sieve, "identifier")
        all_accepted(sieve, path)
        known.update(zip(ids.to_list(), identifiers.to_list(), strict=True))
    return known


LOANS: Final = SourceType("folio.loans", "loans of FOLIO, JSON", FolioOptions, build)
