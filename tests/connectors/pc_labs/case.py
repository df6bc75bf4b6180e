"""Windows logon events, for the contract suite."""

import json
from pathlib import Path
from typing import Final

from connectors.json_lines import JsonLinesReader
from connectors.pc_labs.mapping import EMPTY, NEEDED, OPTIONAL, LogonMapping
from connectors.rows import Columns
from connectors.schemes import Scheme
from connectors.table import FileSource
from connectors.zones import Zone
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Case, Sample, lines_under

MAPPING: Final = LogonMapping(
    "pc_labs", Zone("Europe/London"), Columns(NEEDED, OPTIONAL, {}, EMPTY), Scheme.USERNAME
)
_STUDENT_SID: Final = "S-1-5-21-3768430097-3400800235-1714852860-1001"


def event(user: str, time: str, **other: object) -> bytes:
    fields: dict[str, object] = {
        "EventID": 4624,
        "TimeCreated": time,
        "TargetUserName": user,
        "TargetUserSid": _STUDENT_SID,
        "LogonType": "2",
        "Hostname": "LAB1-PC07",
    }
    return json.dumps(fields | other).encode()


def build(folder: Path) -> FileSource:
    reader = JsonLinesReader(block_bytes=256)
    return FileSource("pclabs.events_json", [folder / "events.jsonl"], reader, MAPPING)


CASE: Final = Case(
    "pclabs.events_json",
    [
        Sample(event("ab123", "2022-08-18T06:56:26.239Z"), Kind.PC_LOGIN),
        Sample(event("ab123", "2022-08-18T07:56:26Z", LogonType=10), Kind.PC_LOGIN),
        Sample(event("CD456", "2022-08-18T06:56:26Z", Hostname="-"), Kind.PC_LOGIN),
        Sample(event("cd456", "2022-08-19T06:56:26Z", LogonType="11"), Kind.PC_LOGIN),
        Sample(event("ab123", "2022-08-18T06:56:26Z", EventID=4634), "other_event"),
        Sample(event("ab123", "2022-08-18T06:56:26Z", LogonType=7), "other_logon_type"),
        Sample(event("LAB1-PC07$", "2022-08-18T06:56:26Z"), "computer_account"),
        Sample(event("DWM-2", "2022-08-18T06:56:26Z"), "system_account"),
        Sample(event("x", "2022-08-18T06:56:26Z", TargetUserSid="S-1-5-18"), "system_account"),
        Sample(event("-", "2022-08-18T06:56:26Z"), Reason.MISSING_VALUE),
        Sample(event("ab123", "yesterday"), Reason.UNREADABLE_TIME),
        Sample(event("ab123", "2022-13-18T06:56:26Z"), Reason.IMPOSSIBLE_DATE),
        Sample(b'{"EventID": 4624, "TimeCreated"', Reason.MALFORMED_ROW),
    ],
    [(Scheme.USERNAME, "ab123"), (Scheme.USERNAME, "cd456")],
    lines_under(b"", "events.jsonl"),
    build,
)
