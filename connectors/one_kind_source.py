"""Delimited files of tables of one kind as sources that can be configured."""

from pydantic import Field

from connectors.delimited.reader import DelimitedReader
from connectors.incremental import IncrementalSource
from connectors.one_kind import OneKind, Table
from connectors.options import FileOptions, Setting, SourceType
from connectors.schemes import Scheme
from connectors.table import FileSource


class TableOptions(FileOptions):
    """Options of a table with a column for the person."""

    scheme: Scheme | None = Field(
        default=None,
        description="What kind of identifier the column student holds. Default: as its page says.",
    )


def source_type(name: str, what: str, table: Table) -> SourceType[TableOptions]:
    """The source of a table; `what` its rows are, for people."""

    def build(options: TableOptions, setting: Setting) -> IncrementalSource:
        columns = options.columns_of(table.needed, table.optional, names=table.names)
        scheme = options.scheme or table.scheme
        mapping = OneKind(table, setting.feed, setting.zone, columns, scheme, options.date_order)
        reader = DelimitedReader(options.encoding)
        return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)

    needed = ", ".join(table.names.get(column, column) for column in table.needed)
    return SourceType(name, f"{what}: {needed}", TableOptions, build)
