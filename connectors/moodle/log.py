"""What a row of `mdl_logstore_standard_log` means: docs/connectors/moodle.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.incremental import Activities, Due
from connectors.moodle.events import (
    FAILED_LOGIN,
    GUEST,
    LOGGED_IN_AS,
    LOGIN,
    MOODLE_KINDS,
    SITE_COURSE,
    Kinds,
    kinds_of,
)
from connectors.moodle.fields import fields_of
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.values import coded, given, needed_numbers, numbers
from schemas.columns import Column
from schemas.reasons import Reason
from schemas.types import Kind

NEEDED: Final = ("id", "eventname", "userid", "courseid", "timecreated", "origin")
OPTIONAL: Final = ("contextinstanceid", "edulevel", "anonymous", "realuserid")
EMPTY: Final = ("NULL", r"\N", "null")
"""How databases write NULL into text."""

_TEACHING: Final = 1  # \core\event\base::LEVEL_TEACHING
_SECONDS_LIMIT: Final = 4_102_444_800  # 2100-01-01
_SECONDS_START: Final = 631_152_000  # 1990-01-01
_MADE_BY_NOBODY: Final = ("cli", "restore")


@dataclass(frozen=True, slots=True)
class LogMapping:
    """Rows of the standard log; `courses` are the names of courses, by id."""

    feed: str
    columns: Columns
    courses: Mapping[str, str]

    @property
    def kinds(self) -> Sequence[Kind]:
        """Everything that Moodle logs of students."""
        return MOODLE_KINDS

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """One activity a row, for the rows that are one."""
        origins = rows.columns["origin"].str.strip_chars().str.to_lowercase()
        for origin in _MADE_BY_NOBODY:
            sieve.skip(origins == origin, f"origin_{origin}")
        # MySQL doubles backslashes when it writes text files.
        names = given(sieve, "eventname").str.replace_all("\\\\", "\\", literal=True)
        sieve.skip(names == FAILED_LOGIN, "failed_login")
        real = _numbers(sieve, "realuserid")
        sieve.skip((real != 0) | (names == LOGGED_IN_AS).to_numpy(), "logged_in_as")
        sieve.skip(_numbers(sieve, "anonymous") != 0, "anonymous")
        given(sieve, "userid")
        users = _numbers(sieve, "userid")
        sieve.skip(users <= 0, "no_user")
        sieve.skip(users == GUEST, "guest")
        sieve.skip(_numbers(sieve, "edulevel") == _TEACHING, "teaching")
        kinds = kinds_of(names, origins)
        sieve.skip(~kinds.any, "other_event")
        courses = _numbers(sieve, "courseid")
        is_login = (names == LOGIN).to_numpy()
        sieve.skip((courses <= SITE_COURSE) & ~is_login, "site_home")
        seconds = needed_numbers(sieve, "timecreated")
        sieve.reject(
            (seconds < _SECONDS_START) | (seconds >= _SECONDS_LIMIT),
            Reason.IMPOSSIBLE_TIME,
            lambda row: f"timecreated is {seconds[row]}, not seconds of 1990 to 2100",
        )
        ids = needed_numbers(sieve, "id")
        found: list[Activities] = []
        for kind, is_kind in kinds.of.items():
            row = np.flatnonzero(is_kind & sieve.left)
            if not len(row):
                continue
            occurred_at = seconds[row] * 1000
            found.append(
                Activities(
                    kind=kind,
                    feed=self.feed,
                    row=row,
                    scheme=Scheme.MOODLE,
                    person=coded(pl.Series(users[row]).cast(pl.String)),
                    occurred_at=occurred_at,
                    recorded_at=occurred_at,
                    source_key=("moodle.log", ids[row]),
                    fields={}
                    if kind is Kind.MOODLE_LOGIN
                    else self._fields(kind, rows, kinds, names, courses, row),
                )
            )
        return found

    def _fields(
        self,
        kind: Kind,
        rows: Rows,
        kinds: Kinds,
        names: pl.Series,
        courses: NDArray[np.int64],
        row: NDArray[np.int64],
    ) -> dict[str, Column]:
        course = coded(pl.Series(courses[row]).cast(pl.String))
        modules = [
            self.courses.get(one, one) if int(one) > SITE_COURSE else "" for one in course.values
        ]
        return fields_of(
            kind,
            kinds,
            row,
            module=pl.Series(modules, dtype=pl.String).gather(course.codes),
            place=rows.columns["contextinstanceid"].gather(row).str.strip_chars(),
            component=names.gather(row).str.extract(r"^\\(\w+)\\").fill_null(""),
        )


def _numbers(sieve: Sieve, column: str) -> NDArray[np.int64]:
    """Whole numbers; 0 where there is none."""
    found = numbers(sieve, column, may_be_negative=True).column
    return np.asarray(found, np.int64)
