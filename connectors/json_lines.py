"""Reads files with one JSON object a line; `connectors.json_cells` says what their columns are."""

from dataclasses import dataclass, field

from connectors.gathering import ParserOf
from connectors.json_cells import json_cells
from connectors.lines import LineReader


@dataclass(frozen=True, slots=True)
class JsonLinesReader(LineReader):
    """`encoding` is that of files without a byte-order mark."""

    parser_of: ParserOf = field(default=json_cells, kw_only=True)
