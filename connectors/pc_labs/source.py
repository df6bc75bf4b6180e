"""The Windows Security log as a source that can be configured."""

from collections.abc import Mapping
from typing import Final

from pydantic import Field

from connectors.incremental import IncrementalSource
from connectors.json_lines import JsonLinesReader
from connectors.options import FileOptions, Setting, SourceType
from connectors.pc_labs.mapping import EMPTY, IN_EVTX, NEEDED, OPTIONAL, LogonMapping
from connectors.rows import RowReader
from connectors.schemes import Scheme
from connectors.table import FileSource
from schemas.errors import SourceError


class LogonOptions(FileOptions):
    """Options of Windows events."""

    scheme: Scheme = Field(
        default=Scheme.USERNAME, description="What kind of identifier TargetUserName holds."
    )


def build_json(options: LogonOptions, setting: Setting) -> IncrementalSource:
    """Events as JSON, one a line."""
    return _logons(options, setting, JsonLinesReader(options.encoding), {})


def build_evtx(options: LogonOptions, setting: Setting) -> IncrementalSource:
    """Event logs as Windows writes them."""
    try:
        from connectors.pc_labs.evtx import EvtxReader
    except ImportError as error:
        raise SourceError(
            f"EVTX files cannot be read ({error}): install leap's extra `evtx`, or export the"
            " events as JSON lines"
        ) from error
    return _logons(options, setting, EvtxReader(), IN_EVTX)


def _logons(
    options: LogonOptions, setting: Setting, reader: RowReader, names: Mapping[str, str]
) -> IncrementalSource:
    columns = options.columns_of(NEEDED, OPTIONAL, EMPTY, names)
    mapping = LogonMapping(setting.feed, setting.zone, columns, options.scheme)
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


EVENTS_JSON: Final = SourceType(
    "pclabs.events_json",
    "Windows logon events (4624), a JSON object a line",
    LogonOptions,
    build_json,
)
EVENTS_EVTX: Final = SourceType(
    "pclabs.events_evtx",
    "Windows logon events (4624), event logs of Windows (EVTX)",
    LogonOptions,
    build_evtx,
)
