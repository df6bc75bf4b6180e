"""What events of the Windows Security log mean: docs/connectors/pclabs.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.incremental import Activities, Due
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.values import coded, identifiers, times, where_given
from connectors.zones import Zone
from schemas.types import Kind

NEEDED: Final = ("EventID", "TimeCreated", "TargetUserName", "LogonType")
OPTIONAL: Final = ("TargetUserSid", "Hostname")
IN_EVTX: Final = {
    "EventID": "Event.System.EventID",
    "TimeCreated": "Event.System.TimeCreated.#attributes.SystemTime",
    "TargetUserName": "Event.EventData.TargetUserName",
    "TargetUserSid": "Event.EventData.TargetUserSid",
    "LogonType": "Event.EventData.LogonType",
    "Hostname": "Event.System.Computer",
}
"""Where the columns stand in an event of an EVTX file."""
EMPTY: Final = ("-",)
"""How Windows writes that a field has no value."""

_LOGON: Final = "4624"
_LOGON_TYPES: Final = {"2": "interactive", "10": "remote", "11": "cached"}
"""Of a person at a keyboard; the others are services, tasks, shares and unlocked screens."""
_SYSTEM_SIDS: Final = r"^S-1-5-(18|19|20|7|90-.*|96-.*)$"
"""SYSTEM, the service accounts, nobody, and the accounts that draw windows and fonts."""
_SYSTEM_NAMES: Final = (
    r"(?i)^(SYSTEM|LOCAL SERVICE|NETWORK SERVICE|ANONYMOUS LOGON|(DWM|UMFD)-\d+)$"
)
_MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class LogonMapping:
    """One login a row; `scheme` is what TargetUserName holds."""

    feed: str
    zone: Zone
    columns: Columns
    scheme: Scheme

    @property
    def kinds(self) -> Sequence[Kind]:
        """Logins."""
        return (Kind.PC_LOGIN,)

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """One login a row, for the rows that are one.

        It counts at the start of its minute: what a restless screen or a restarted session repeats
        within the minute is the same login, whichever row comes first.
        """
        sieve.skip(rows.columns["EventID"].str.strip_chars() != _LOGON, "other_event")
        logon_types = rows.columns["LogonType"].str.strip_chars()
        sieve.skip(~logon_types.is_in(list(_LOGON_TYPES)), "other_logon_type")
        names = identifiers(sieve, "TargetUserName")
        sieve.skip(names.str.ends_with("$"), "computer_account")
        sids = rows.columns["TargetUserSid"].str.strip_chars()
        is_system = sids.str.contains(_SYSTEM_SIDS) | names.str.contains(_SYSTEM_NAMES)
        sieve.skip(is_system, "system_account")
        at = times(sieve, "TimeCreated", self.zone, None)
        row = np.flatnonzero(sieve.left)
        if not len(row):
            return []
        minute = at[row] // _MINUTE_MS * _MINUTE_MS
        hosts = rows.columns["Hostname"].str.strip_chars().str.to_lowercase().gather(row)
        kinds = logon_types.gather(row).replace_strict(_LOGON_TYPES)
        return [
            Activities(
                kind=Kind.PC_LOGIN,
                feed=self.feed,
                row=row,
                scheme=self.scheme,
                person=coded(names.gather(row)),
                occurred_at=minute,
                recorded_at=at[row],
                source_key=("pc_labs", coded(hosts)),
                fields={"lab": where_given(hosts), "logon_type": where_given(kinds)},
            )
        ]
