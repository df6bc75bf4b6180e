"""What waits in quarantine until its person is known: complete, but for the pseudonym.

It lies as JSON in the key of the quarantine record; the row it was read from is the record's raw.
It holds the hash of the person's identifier, and no identifier.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, TypeAlias

from schemas.types import Day, Kind

Cell: TypeAlias = int | float | bool | str | None
_FORM: Final = 1


@dataclass(frozen=True, slots=True)
class WaitingActivity:
    """An activity; `name` is what its id is made of (`connectors.identity.event_names`).

    One that `retracts` takes back what was said of the same activity.
    """

    kind: Kind
    feed: str
    identity: bytes
    name: bytes
    occurred_at: int
    recorded_at: int
    fields: Mapping[str, Cell]
    retracts: bool = False


@dataclass(frozen=True, slots=True)
class WaitingDue:
    """Something expected of a person."""

    kind: Kind
    feed: str
    identity: bytes
    item: str
    module: str
    due: Day
    recorded_at: int


Waiting: TypeAlias = WaitingActivity | WaitingDue


def packed(waiting: Waiting) -> bytes:
    """As bytes."""
    values = {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in asdict(waiting).items()
    }
    return json.dumps({"form": _FORM, "is": type(waiting).__name__, **values}).encode()


def unpacked(raw: bytes) -> Waiting | None:
    """What `packed` made; None for anything else."""
    try:
        values = json.loads(raw)
        if values.pop("form") != _FORM:
            return None
        made = values.pop("is")
        values["kind"] = Kind(values["kind"])
        for name in ("identity", "name"):
            if name in values:
                values[name] = bytes.fromhex(values[name])
        if made == WaitingDue.__name__:
            return WaitingDue(**values)
        return WaitingActivity(**values) if made == WaitingActivity.__name__ else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
