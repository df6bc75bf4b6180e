"""A coursework system's three tables as sources that can be configured."""

from typing import Final

from connectors.coursework.mapping import DUE, UPLOADS, VIEWS, DueMapping
from connectors.delimited.reader import DelimitedReader
from connectors.incremental import IncrementalSource
from connectors.one_kind_source import TableOptions, source_type
from connectors.options import Setting, SourceType
from connectors.schemes import Scheme
from connectors.table import FileSource


def build_due(options: TableOptions, setting: Setting) -> IncrementalSource:
    """What is due."""
    columns = options.columns_of(*DUE)
    scheme = options.scheme or Scheme.STUDENT
    mapping = DueMapping(setting.feed, setting.zone, columns, scheme, options.date_order)
    reader = DelimitedReader(options.encoding)
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


FASER_UPLOADS: Final = source_type("faser.uploads", "coursework handed in", UPLOADS)
FASER_VIEWS: Final = source_type("faser.views", "coursework looked at", VIEWS)
FASER_DUE: Final = SourceType(
    "faser.due",
    "coursework expected: student, assignment, due",
    TableOptions,
    build_due,
)
