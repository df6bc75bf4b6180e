"""The sources that the contract suite is run on: a new one is a line here."""

from typing import Final

from tests.connectors.case import Case
from tests.connectors.coursework.case import EXPECTATIONS, UPLOADED, VIEWED
from tests.connectors.exports.case import LIBRARY, LISTS, PANOPTO_REPORT, WATCHED
from tests.connectors.ezproxy.case import CASE as EZPROXY
from tests.connectors.folio.case import CASE as FOLIO
from tests.connectors.jisc.case import CASES as JISC
from tests.connectors.moodle.case import LOG_CSV, LOG_JSON, REPORT_CSV
from tests.connectors.moodle.database import DATABASE
from tests.connectors.pc_labs.case import CASE as PC_LABS
from tests.connectors.pc_labs.case import EVTX
from tests.connectors.talis.case import CASE as TALIS
from tests.connectors.taps.case import CASE as TAPS

CASES: Final[list[Case]] = [
    TAPS,
    LOG_CSV,
    LOG_JSON,
    REPORT_CSV,
    DATABASE,
    UPLOADED,
    VIEWED,
    EXPECTATIONS,
    LIBRARY,
    WATCHED,
    LISTS,
    PANOPTO_REPORT,
    *JISC,
    TALIS,
    FOLIO,
    EZPROXY,
    PC_LABS,
    EVTX,
]
