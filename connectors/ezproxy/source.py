"""EZproxy's log as a source that can be configured."""

from typing import Final

from pydantic import Field

from connectors.ezproxy.log import log_cells
from connectors.ezproxy.mapping import NEEDED, EzproxyLog
from connectors.incremental import IncrementalSource
from connectors.lines import LineReader
from connectors.options import FileOptions, Setting, SourceType
from connectors.schemes import Scheme
from connectors.table import FileSource


class EzproxyOptions(FileOptions):
    """Options of EZproxy's log."""

    scheme: Scheme = Field(
        default=Scheme.USERNAME, description="What kind of identifier people log in with."
    )


def build(options: EzproxyOptions, setting: Setting) -> IncrementalSource:
    """The files of the options."""
    columns = options.columns_of(NEEDED)
    mapping = EzproxyLog(setting.feed, setting.zone, columns, options.scheme)
    reader = LineReader(options.encoding, parser_of=log_cells)
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


LOG: Final = SourceType(
    "ezproxy.log", "EZproxy's access log: visits to what is subscribed to", EzproxyOptions, build
)
