"""The sources' own formats: a further one is a class with the port of `Format`, and a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from connectors.simulator.acts import Act
from connectors.simulator.people import MODULES, Person
from schemas.types import Kind

_EVENTS: Final = {
    Kind.MOODLE_LOGIN: r"\core\event\user_loggedin",
    Kind.MOODLE_COURSE: r"\core\event\course_viewed",
    Kind.MOODLE_MOBILE: r"\core\event\course_viewed",
}
_PCS: Final = 40  # in a lab
_SID: Final = "S-1-5-21-1004336348-1177238915-682003330"  # of a domain that was made up
_FIRST_USER: Final = 1000  # below are the accounts that Windows keeps for itself


class Format(Protocol):
    """How one feed writes what happened."""

    @property
    def feed(self) -> str:
        """Its name; its file is called so too."""

    @property
    def suffix(self) -> str:
        """Of its file: csv, or jsonl for a JSON object a line."""

    @property
    def type(self) -> str:
        """The type of source that reads it (`connectors.catalogue`)."""

    @property
    def options(self) -> Mapping[str, str]:
        """Options of the source that name other files of the folder."""

    @property
    def kinds(self) -> Sequence[Kind]:
        """What it writes."""

    @property
    def header(self) -> Sequence[str]:
        """Its columns."""

    def row(self, number: int, act: Act, who: Person) -> Sequence[str]:
        """An act as a row; `number` is its place among all acts of the feed, from 1."""

    def name_of(self, who: Person) -> str:
        """The person as `connectors.dry.Everybody` names them: scheme:identifier."""


@dataclass(frozen=True, slots=True)
class Taps:
    """Card readers."""

    feed: str = "taps"
    type: str = "taps"
    suffix: str = "csv"
    kinds: Sequence[Kind] = (Kind.TAP_IN,)
    header: Sequence[str] = ("card", "reader", "time")

    @property
    def options(self) -> Mapping[str, str]:
        """Rooms and sessions."""
        return {"readers": "readers.csv", "timetable": "timetable.csv"}

    def row(self, number: int, act: Act, who: Person) -> Sequence[str]:
        """A swipe."""
        return (who.card, f"R-{act.module}", f"{act.at:%Y-%m-%d %H:%M:%S}")

    def name_of(self, who: Person) -> str:
        """By card."""
        return f"card:{who.card}"


@dataclass(frozen=True, slots=True)
class MoodleLog:
    """Moodle's standard log."""

    zone: ZoneInfo
    feed: str = "moodle"
    type: str = "moodle.log_csv"
    suffix: str = "csv"
    kinds: Sequence[Kind] = (Kind.MOODLE_LOGIN, Kind.MOODLE_COURSE, Kind.MOODLE_MOBILE)
    header: Sequence[str] = ("id", "eventname", "userid", "courseid", "timecreated", "origin")

    @property
    def options(self) -> Mapping[str, str]:
        """None."""
        return {}

    def row(self, number: int, act: Act, who: Person) -> Sequence[str]:
        """A line of the log."""
        course = 2 + MODULES.index(act.module) if act.module else 0
        seconds = int(utc(act.at, self.zone))
        origin = "ws" if act.kind is Kind.MOODLE_MOBILE else "web"
        return (str(number), _EVENTS[act.kind], str(who.moodle), str(course), str(seconds), origin)

    def name_of(self, who: Person) -> str:
        """By Moodle's id."""
        return f"moodle:{who.moodle}"


@dataclass(frozen=True, slots=True)
class PcLabs:
    """The Windows Security log of the PCs: logins at the keyboard. Each module has its lab."""

    zone: ZoneInfo
    feed: str = "pclabs"
    type: str = "pclabs.events_json"
    suffix: str = "jsonl"
    kinds: Sequence[Kind] = (Kind.PC_LOGIN,)
    header: Sequence[str] = (
        *("EventID", "TimeCreated", "TargetUserName", "TargetUserSid", "LogonType", "Hostname"),
    )

    @property
    def options(self) -> Mapping[str, str]:
        """None."""
        return {}

    def row(self, number: int, act: Act, who: Person) -> Sequence[str]:
        """A login."""
        at = f"{datetime.fromtimestamp(utc(act.at, self.zone), UTC):%Y-%m-%dT%H:%M:%SZ}"
        pc = f"{act.module}-PC{who.number % _PCS:02}"
        return ("4624", at, who.username, f"{_SID}-{_FIRST_USER + who.number}", "2", pc)

    def name_of(self, who: Person) -> str:
        """By username."""
        return f"username:{who.username}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of one kind: uploads and views of coursework, loans, recordings, reading lists."""

    kind: Kind
    feed: str
    column: str
    """Of the thing that it was done with."""
    thing: str
    """One a module."""
    suffix: str = "csv"

    @property
    def header(self) -> Sequence[str]:
        """Who, with what, when, in which module."""
        return ("student", self.column, "time", "module")

    @property
    def type(self) -> str:
        """Under the name of its feed."""
        return self.feed

    @property
    def options(self) -> Mapping[str, str]:
        """None."""
        return {}

    @property
    def kinds(self) -> Sequence[Kind]:
        """The one."""
        return (self.kind,)

    def row(self, number: int, act: Act, who: Person) -> Sequence[str]:
        """One thing done."""
        thing, at = f"{act.module}-{self.thing}", f"{act.at:%Y-%m-%dT%H:%M:%S}"
        return (who.student, thing, at, act.module)

    def name_of(self, who: Person) -> str:
        """By student number."""
        return f"student:{who.student}"


def formats(zone: ZoneInfo) -> Sequence[Format]:
    """Every feed of the campus."""
    return (
        Taps(),
        MoodleLog(zone),
        PcLabs(zone),
        Table(Kind.FASER_UPLOAD, "faser.uploads", "assignment", "essay"),
        Table(Kind.FASER_VIEW, "faser.views", "assignment", "essay"),
        Table(Kind.LIBRARY_LOAN, "exports.loans", "item", "reader"),
        Table(Kind.LISTEN_AGAIN, "exports.recordings", "recording", "lecture"),
        Table(Kind.READING_LIST, "exports.reading_lists", "list", "reading"),
    )


def utc(at: datetime, zone: ZoneInfo) -> float:
    """Seconds of a time by the clocks of the campus."""
    return at.replace(tzinfo=zone).timestamp()
