"""The registry of sources: every type that a configuration may name, a line for each."""

from typing import Any, Final

from connectors.moodle.source import LOG_CSV, LOG_JSON, REPORT
from connectors.options import SourceType
from connectors.taps.source import TAPS

TYPES: Final[dict[str, SourceType[Any]]] = {
    one.name: one for one in (TAPS, LOG_CSV, LOG_JSON, REPORT)
}
