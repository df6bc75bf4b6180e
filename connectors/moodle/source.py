"""Moodle's log and its report as sources that can be configured."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from connectors.delimited.reader import DelimitedReader
from connectors.incremental import IncrementalSource
from connectors.json_lines import JsonLinesReader
from connectors.moodle import log, report
from connectors.moodle.database import OVERLAP, DatabaseSource
from connectors.moodle.log import LogMapping
from connectors.moodle.report import ReportMapping
from connectors.options import FileOptions, Setting, SourceOptions, SourceType
from connectors.reference_table import all_accepted, reference_rows
from connectors.rows import Columns, RowReader
from connectors.sieve import Sieve
from connectors.table import FileSource
from connectors.values import given, plain
from schemas.errors import SourceError

_COURSES: Final = Columns(("id", "shortname"))


class LogOptions(FileOptions):
    """Options of exports of the standard log."""

    courses: Path | None = Field(
        default=None, description="CSV: id, shortname; as in the table mdl_course."
    )


class DatabaseOptions(SourceOptions):
    """Options of Moodle's database. A user that may only read the one table is enough."""

    url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy URL: mysql+pymysql://…, postgresql+psycopg://…, sqlite:///….",
    )
    url_variable: str = Field(
        default="MOODLE_DATABASE",
        description="Environment variable that holds the URL, where url does not.",
    )
    table: str = Field(
        default="mdl_logstore_standard_log", description="The table; its prefix may differ."
    )
    overlap: int = Field(
        default=OVERLAP, ge=0, description="How many ids late a row may be committed."
    )
    courses: Path | None = Field(default=None, description="CSV: id, shortname.")


class ReportOptions(LogOptions):
    """Options of Moodle's log report."""

    module: str = Field(
        default="", description="The course that the report was made for, if it was for one."
    )


def build_csv(options: LogOptions, setting: Setting) -> IncrementalSource:
    """Exports of the standard log as delimited text."""
    return _log(options, setting, DelimitedReader(options.encoding))


def build_json(options: LogOptions, setting: Setting) -> IncrementalSource:
    """Exports of the standard log as JSON lines."""
    return _log(options, setting, JsonLinesReader(options.encoding))


def build_database(options: DatabaseOptions, setting: Setting) -> IncrementalSource:
    """The standard log, polled from the database."""
    url = options.url.get_secret_value() if options.url else os.environ.get(options.url_variable)
    if not url:
        raise SourceError(
            f"the database is not named: set url, or {options.url_variable} in the environment"
        )
    try:
        # A connection a question: a database that restarts between two polls is no trouble.
        engine = create_engine(url, poolclass=NullPool)
    except (SQLAlchemyError, ImportError) as error:
        raise SourceError(
            f"the database's URL cannot be used ({error}): it is like mysql+pymysql://user:password"
            "@host/moodle; leap's extras `mysql` and `postgresql` bring the drivers"
        ) from error
    mapping = LogMapping(
        setting.feed, Columns(log.NEEDED, log.OPTIONAL), read_courses(options.courses)
    )
    return DatabaseSource(setting.name, engine, options.table, mapping, options.overlap)


def build_report(options: ReportOptions, setting: Setting) -> IncrementalSource:
    """The log report as CSV."""
    mapping = ReportMapping(
        feed=setting.feed,
        zone=setting.zone,
        columns=options.columns_of(report.NEEDED, report.OPTIONAL, names=report.NAMES),
        order=options.date_order or "day_first",
        courses=read_courses(options.courses),
        module=options.module,
    )
    reader = DelimitedReader(options.encoding)
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


def read_courses(path: Path | None) -> Mapping[str, str]:
    """The names of courses, by id."""
    names: dict[str, str] = {}
    for rows in () if path is None else reference_rows(path, _COURSES):
        sieve = Sieve(rows, "")
        ids, shortnames = given(sieve, "id"), plain(rows.columns["shortname"])
        if path is not None:
            all_accepted(sieve, path)
        names.update(zip(ids.to_list(), shortnames.to_list(), strict=True))
    return names


def _log(options: LogOptions, setting: Setting, reader: RowReader) -> IncrementalSource:
    mapping = LogMapping(
        setting.feed,
        options.columns_of(log.NEEDED, log.OPTIONAL, log.EMPTY),
        read_courses(options.courses),
    )
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


LOG_CSV: Final = SourceType(
    "moodle.log_csv", "mdl_logstore_standard_log as CSV or TSV", LogOptions, build_csv
)
LOG_JSON: Final = SourceType(
    "moodle.log_json", "mdl_logstore_standard_log as JSON lines", LogOptions, build_json
)
DATABASE: Final = SourceType(
    "moodle.database",
    "mdl_logstore_standard_log, polled from Moodle's database",
    DatabaseOptions,
    build_database,
)
REPORT: Final = SourceType(
    "moodle.report", "CSV of Moodle's own log report", ReportOptions, build_report
)
