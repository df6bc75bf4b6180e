"""What an activity was on, as the fields of its kind: the same whoever sent it."""

import re
from typing import Final

from schemas.types import Kind

_ID: Final = re.compile(r"[?&]id=(\d{1,18})\b", re.ASCII)


def short(iri: str) -> str:
    """The id within an address of Moodle, so that it is what the log says; else the address."""
    found = _ID.search(iri)
    return found.group(1) if found else iri


def fields_of_kind(kind: Kind, *, module: str, place: str, component: str = "") -> dict[str, str]:
    """The kind's own fields that are known; `place` is the address of what it was on."""
    match kind:
        case Kind.MOODLE_LOGIN | Kind.PC_LOGIN | Kind.TAP_IN:
            found = {}
        case Kind.LISTEN_AGAIN:
            found = {"module": module, "recording": place}
        case Kind.FASER_UPLOAD | Kind.FASER_VIEW:
            found = {"module": module, "assignment": short(place)}
        case Kind.READING_LIST:
            found = {"module": module, "list": place}
        case Kind.LIBRARY_LOAN:
            found = {"item": place}
        case _:
            found = {"module": module, "component": component, "object": short(place)}
    return {name: text for name, text in found.items() if text}
