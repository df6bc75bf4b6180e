"""The Windows Security log as a source that can be configured."""

from typing import Final

from pydantic import Field

from connectors.incremental import IncrementalSource
from connectors.json_lines import JsonLinesReader
from connectors.options import FileOptions, Setting, SourceType
from connectors.pc_labs.mapping import EMPTY, NEEDED, OPTIONAL, LogonMapping
from connectors.schemes import Scheme
from connectors.table import FileSource


class LogonOptions(FileOptions):
    """Options of Windows events."""

    scheme: Scheme = Field(
        default=Scheme.USERNAME, description="What kind of identifier TargetUserName holds."
    )


def build(options: LogonOptions, setting: Setting) -> IncrementalSource:
    """Events as JSON, one a line."""
    mapping = LogonMapping(
        setting.feed,
        setting.zone,
        options.columns_of(NEEDED, OPTIONAL, EMPTY),
        options.scheme,
    )
    reader = JsonLinesReader(options.encoding)
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


EVENTS_JSON: Final = SourceType(
    "pclabs.events_json", "Windows logon events (4624), a JSON object a line", LogonOptions, build
)
