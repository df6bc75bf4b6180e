"""Windows logon events, for the contract suite."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from connectors.json_lines import JsonLinesReader
from connectors.pc_labs.evtx import EvtxReader
from connectors.pc_labs.mapping import EMPTY, IN_EVTX, NEEDED, OPTIONAL, LogonMapping
from connectors.rows import Columns
from connectors.schemes import Scheme
from connectors.table import FileSource
from connectors.zones import Zone
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Case, Sample, lines_under
from tests.connectors.pc_labs.evtx_file import write_evtx


def mapping(names: Mapping[str, str]) -> LogonMapping:
    columns = Columns(NEEDED, OPTIONAL, names, EMPTY)
    return LogonMapping("pc_labs", Zone("Europe/London"), columns, Scheme.USERNAME)


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


def logged(
    user: str,
    time: str,
    event_id: str = "4624",
    logon_type: str = "2",
    host: str = "LAB1-PC07",
    sid: str = _STUDENT_SID,
) -> bytes:
    """The same, as it is read from an EVTX file."""
    event = {
        "System": {
            "EventID": event_id,
            "TimeCreated": {"#attributes": {"SystemTime": time}},
            "Computer": host,
        },
        "EventData": {"TargetUserSid": sid, "TargetUserName": user, "LogonType": logon_type},
    }
    return json.dumps({"Event": event}, separators=(",", ":"), ensure_ascii=False).encode()


def build(folder: Path) -> FileSource:
    reader = JsonLinesReader(block_bytes=256)
    return FileSource("pclabs.events_json", [folder / "events.jsonl"], reader, mapping({}))


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


def write_log(folder: Path, rows: Sequence[bytes]) -> None:
    write_evtx(folder / "Security.evtx", rows)


def build_log(folder: Path) -> FileSource:
    files = [folder / "Security.evtx"]
    return FileSource("pclabs.events_evtx", files, EvtxReader(1), mapping(IN_EVTX))


EVTX: Final = Case(
    "pclabs.events_evtx",
    [
        Sample(logged("ab123", "2022-08-18T06:56:26.239Z"), Kind.PC_LOGIN),
        Sample(logged("ab123", "2022-08-18T07:56:26Z", logon_type="10"), Kind.PC_LOGIN),
        Sample(logged("CD456", "2022-08-18T06:56:26Z", host="-"), Kind.PC_LOGIN),
        Sample(logged("cd456", "2022-08-19T06:56:26Z", logon_type="11"), Kind.PC_LOGIN),
        Sample(logged("ab123", "2022-08-18T06:56:26Z", "4634"), "other_event"),
        Sample(logged("ab123", "2022-08-18T06:56:26Z", logon_type="3"), "other_logon_type"),
        Sample(logged("LAB1-PC07$", "2022-08-18T06:56:26Z"), "computer_account"),
        Sample(logged("DWM-2", "2022-08-18T06:56:26Z"), "system_account"),
        Sample(logged("x", "2022-08-18T06:56:26Z", sid="S-1-5-18"), "system_account"),
        Sample(logged("-", "2022-08-18T06:56:26Z"), Reason.MISSING_VALUE),
        Sample(logged("é", "2099-08-18T06:56:26Z"), Reason.FUTURE),
        Sample(logged("ab123", "yesterday"), Reason.UNREADABLE_TIME),
    ],
    [*CASE.people, (Scheme.USERNAME, "é")],
    write_log,
    build_log,
)
