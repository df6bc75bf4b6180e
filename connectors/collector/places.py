"""What an activity was on, as the fields of its kind: the same whoever sent it."""

import re
from collections.abc import Mapping
from typing import Final

from schemas.types import Kind

_ID: Final = re.compile(r"[?&]id=(\d{1,18})\b", re.ASCII)

_PAGE: Final = {"module": "module", "component": "component", "object": "object"}
_FIELDS: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.MOODLE_LOGIN: {},
    Kind.PC_LOGIN: {},
    Kind.TAP_IN: {},
    Kind.LISTEN_AGAIN: {"module": "module", "recording": "place"},
    Kind.FASER_UPLOAD: {"module": "module", "assignment": "object"},
    Kind.FASER_VIEW: {"module": "module", "assignment": "object"},
    Kind.READING_LIST: {"module": "module", "list": "place"},
    Kind.LIBRARY_LOAN: {"item": "place"},
}
"""By kind: which field is what. A table, since each statement asks; `object` is short."""


def short(iri: str) -> str:
    """The id within an address of Moodle, so that it is what the log says; else the address."""
    found = _ID.search(iri)
    return found.group(1) if found else iri


def fields_of_kind(kind: Kind, *, module: str, place: str, component: str = "") -> dict[str, str]:
    """The kind's own fields that are known; `place` is the address of what it was on."""
    known = {"module": module, "place": place, "object": short(place), "component": component}
    fields = _FIELDS.get(kind, _PAGE)
    return {name: text for name, source in fields.items() if (text := known[source])}
