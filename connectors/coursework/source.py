"""A coursework system's three tables as sources that can be configured."""

from typing import Final

from pydantic import Field

from connectors.coursework.mapping import DUE, UPLOADS, VIEWS, ActivityMapping, DueMapping
from connectors.delimited.reader import DelimitedReader
from connectors.incremental import IncrementalSource
from connectors.options import FileOptions, Setting, SourceType
from connectors.schemes import Scheme
from connectors.table import FileSource, TableMapping
from schemas.types import Kind


class CourseworkOptions(FileOptions):
    """Options of a coursework system."""

    scheme: Scheme = Field(
        default=Scheme.STUDENT, description="What kind of identifier the column student holds."
    )


def build_uploads(options: CourseworkOptions, setting: Setting) -> IncrementalSource:
    """What was handed in."""
    return _files(options, setting, _activities(Kind.FASER_UPLOAD, UPLOADS, options, setting))


def build_views(options: CourseworkOptions, setting: Setting) -> IncrementalSource:
    """What was looked at."""
    return _files(options, setting, _activities(Kind.FASER_VIEW, VIEWS, options, setting))


def build_due(options: CourseworkOptions, setting: Setting) -> IncrementalSource:
    """What is due."""
    columns = options.columns_of(*DUE)
    mapping = DueMapping(setting.feed, setting.zone, columns, options.scheme, options.date_order)
    return _files(options, setting, mapping)


def _activities(
    kind: Kind,
    columns: tuple[tuple[str, ...], tuple[str, ...]],
    options: CourseworkOptions,
    setting: Setting,
) -> ActivityMapping:
    return ActivityMapping(
        kind,
        setting.feed,
        setting.zone,
        options.columns_of(*columns),
        options.scheme,
        options.date_order,
    )


def _files(
    options: CourseworkOptions, setting: Setting, mapping: TableMapping
) -> IncrementalSource:
    reader = DelimitedReader(options.encoding)
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


FASER_UPLOADS: Final = SourceType(
    "faser.uploads",
    "coursework handed in: student, assignment, time",
    CourseworkOptions,
    build_uploads,
)
FASER_VIEWS: Final = SourceType(
    "faser.views",
    "coursework looked at: student, assignment, time",
    CourseworkOptions,
    build_views,
)
FASER_DUE: Final = SourceType(
    "faser.due",
    "coursework expected: student, assignment, due",
    CourseworkOptions,
    build_due,
)
