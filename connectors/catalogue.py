"""The registry of sources: every type that a configuration may name, a line for each."""

from typing import Any, Final

from connectors.coursework.source import FASER_DUE, FASER_UPLOADS, FASER_VIEWS
from connectors.exports.tables import (
    LIBRARY_LOANS,
    PANOPTO_VIEWS,
    READING_LIST_EVENTS,
    RECORDING_VIEWS,
)
from connectors.ezproxy.source import LOG as EZPROXY
from connectors.folio.source import LOANS as FOLIO_LOANS
from connectors.jisc import tables as jisc
from connectors.moodle.source import DATABASE, LOG_CSV, LOG_JSON, REPORT
from connectors.options import SourceType
from connectors.pc_labs.source import EVENTS_EVTX, EVENTS_JSON
from connectors.talis.source import EVENTS as TALIS_EVENTS
from connectors.taps.source import TAPS

TYPES: Final[dict[str, SourceType[Any]]] = {
    one.name: one
    for one in (
        TAPS,
        LOG_CSV,
        LOG_JSON,
        REPORT,
        DATABASE,
        FASER_UPLOADS,
        FASER_VIEWS,
        FASER_DUE,
        LIBRARY_LOANS,
        FOLIO_LOANS,
        EZPROXY,
        jisc.ATTENDANCE,
        jisc.LOANS,
        jisc.READING_LISTS,
        jisc.VIDEOS,
        jisc.VIEWS,
        RECORDING_VIEWS,
        PANOPTO_VIEWS,
        READING_LIST_EVENTS,
        TALIS_EVENTS,
        EVENTS_JSON,
        EVENTS_EVTX,
    )
}
