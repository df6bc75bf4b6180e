"""Card readers as a source that can be configured."""

from pathlib import Path
from typing import Final

from pydantic import Field

from connectors.delimited.reader import DelimitedReader
from connectors.incremental import IncrementalSource
from connectors.options import FileOptions, Setting, SourceType
from connectors.reference_table import all_accepted, reference_rows
from connectors.rows import Columns
from connectors.sieve import Sieve
from connectors.table import FileSource
from connectors.taps.mapping import NEEDED, TapMapping
from connectors.taps.rooms import Rooms
from connectors.taps.timetable import Session, Timetable
from connectors.times import DateOrder
from connectors.values import given, times
from connectors.zones import Zone
from schemas.errors import SourceError

_READERS: Final = Columns(("reader", "room"))
_SESSIONS: Final = Columns(("session", "room", "start"))


class TapOptions(FileOptions):
    """Options of card readers."""

    readers: Path | None = Field(default=None, description="CSV: reader, room.")
    timetable: Path | None = Field(
        default=None, description="CSV: session, room, start. It needs `readers`."
    )


def build(options: TapOptions, setting: Setting) -> IncrementalSource:
    """The files of the options; SourceError when readers or timetable cannot be used."""
    if options.timetable is not None and options.readers is None:
        raise SourceError("timetable: sessions are found by room, so it needs `readers` too")
    timetable: Timetable | None = None
    if options.timetable is not None:
        timetable = read_timetable(options.timetable, setting.zone, options.date_order)
    mapping = TapMapping(
        feed=setting.feed,
        zone=setting.zone,
        columns=options.columns_of(NEEDED),
        order=options.date_order,
        rooms=None if options.readers is None else read_rooms(options.readers),
        timetable=timetable,
    )
    reader = DelimitedReader(options.encoding)
    return FileSource(setting.name, options.paths(), reader, mapping, setting.is_growing)


def read_rooms(path: Path) -> Rooms:
    """The table of readers."""
    by_reader: dict[str, str] = {}
    for rows in reference_rows(path, _READERS):
        sieve = Sieve(rows, "")
        readers, rooms = given(sieve, "reader").to_list(), given(sieve, "room").to_list()
        all_accepted(sieve, path)
        for line, reader, room in zip(rows.lines.tolist(), readers, rooms, strict=True):
            if by_reader.setdefault(reader, room) != room:
                raise SourceError(
                    f"{path}:{line}: the reader {reader} is in {room}, but in"
                    f" {by_reader[reader]} further up: leave one of the rows"
                )
    return Rooms(by_reader)


def read_timetable(path: Path, zone: Zone, order: DateOrder | None) -> Timetable:
    """The sessions of all rooms."""
    sessions: list[Session] = []
    for rows in reference_rows(path, _SESSIONS):
        sieve = Sieve(rows, "")
        names, rooms = given(sieve, "session").to_list(), given(sieve, "room").to_list()
        starts = times(sieve, "start", zone, order).tolist()
        all_accepted(sieve, path)
        sessions += [Session(*one) for one in zip(names, rooms, starts, strict=True)]
    return Timetable(sessions)


TAPS: Final = SourceType("taps", "card readers: card, reader, time", TapOptions, build)
