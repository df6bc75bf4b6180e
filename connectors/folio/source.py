"""FOLIO's loans as a source that can be configured."""

from pathlib import Path
from typing import Final

from pydantic import Field

from connectors.folio.mapping import LIST, NAMES, NEEDED, OPTIONAL, FolioLoans
from connectors.incremental import IncrementalSource
from connectors.json_documents import JsonDocumentsReader
from connectors.options import FileOptions, Setting, SourceType
from connectors.schemes import Scheme
from connectors.table import FileSource
from connectors.user_table import read_users


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
        read_users(options.users),
    )
    reader = JsonDocumentsReader(LIST, options.encoding)
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


LOANS: Final = SourceType("folio.loans", "loans of FOLIO, JSON", FolioOptions, build)
