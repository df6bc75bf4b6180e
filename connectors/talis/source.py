"""Talis' raw events as a source that can be configured."""

from pathlib import Path
from typing import Final

from pydantic import Field

from connectors.delimited.reader import DelimitedReader
from connectors.incremental import IncrementalSource
from connectors.options import FileOptions, Setting, SourceType
from connectors.schemes import Scheme
from connectors.table import FileSource
from connectors.talis.mapping import NEEDED, OPTIONAL, TalisEvents
from connectors.user_table import read_users


class TalisOptions(FileOptions):
    """Options of Talis' raw events."""

    users: Path | None = Field(
        default=None,
        description="CSV: id, identifier. talis_guid, and by what the campus knows the person.",
    )
    scheme: Scheme = Field(
        default=Scheme.EMAIL,
        description="What kind of identifier the table of users gives; without it, performed_by.",
    )


def build(options: TalisOptions, setting: Setting) -> IncrementalSource:
    """The files of the options; SourceError when the table of users cannot be used."""
    columns = options.columns_of(NEEDED, OPTIONAL)
    mapping = TalisEvents(setting.feed, columns, options.scheme, read_users(options.users))
    reader = DelimitedReader(options.encoding)
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


EVENTS: Final = SourceType(
    "talis.events", "reading lists: f_event_raw_daily of Talis Aspire", TalisOptions, build
)
