"""Alerts as records, and back."""

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from broker.transactions import Messages
from schemas.keys import student_alert_key
from schemas.topics import ALERT, ALERT_COMPLIANCE, Topic
from schemas.types import AlertState, Day, StudentId
from schemas.wire import encode
from scoring.alert_conditions import SUGGESTS, Evidence
from scoring.alerts import Alert
from streams.campus import as_date, as_instant
from streams.memory import RememberedAlert
from streams.outcome import Alerts
from streams.stamp import Stamp

_WITHDRAWN: Final = tuple(AlertState).index(AlertState.WITHDRAWN)


_PURPOSES: Final = {ALERT: "suggestion", ALERT_COMPLIANCE: "basis"}
"""By topic: the field that holds what is written beside an alert."""


def alert_messages(alerts: Alerts, schema_id: int, stamp: Stamp) -> Messages:
    """The records of alerts. They are few beside closings, so each is encoded by itself."""
    topic = alerts.topic
    keys: list[bytes] = []
    values: list[bytes] = []
    columns = (alerts.students, alerts.alerts, alerts.are_withdrawn, alerts.revisions)
    for student, alert, is_withdrawn, revision in zip(*columns, strict=True):
        keys.append(student_alert_key(StudentId(student), alert.name))
        record: dict[str, object] = {
            "student": student,
            "alert": alert.name,
            "rule": alert.rule,
            "raised": as_date(alert.raised),
            "ended": None if alert.ended is None else as_date(alert.ended),
            "state": _state(alert, is_withdrawn=is_withdrawn).value,
            "evidence": alert.evidence.sentence,
            "figures": [{"name": name, "value": value} for name, value in alert.evidence.figures],
            _PURPOSES[topic]: alert.purpose,
            "note": SUGGESTS,
            "policy": alert.policy,
            "revision": revision,
            "cause": alerts.cause.value,
            "computed_at": as_instant(stamp.now_ms),
            "writer": stamp.writer,
        }
        values.append(encode(topic, schema_id, record))
    return Messages(topic, keys, values)


def alerts_in(frame: pl.DataFrame | None, topic: Topic = ALERT) -> Iterator[RememberedAlert]:
    """The alerts that decoded records of a topic tell of."""
    if frame is not None:
        for row in frame.iter_rows(named=True):
            yield _remembered(row, row[_PURPOSES[topic]])


def _remembered(row: dict[str, Any], purpose: str) -> RememberedAlert:
    figures = tuple((one["name"], one["value"]) for one in row["figures"])
    return RememberedAlert(
        student=StudentId(row["student"]),
        alert=Alert(
            rule=row["rule"],
            raised=Day(row["raised"]),
            policy=row["policy"],
            purpose=purpose,
            evidence=Evidence(row["evidence"], figures),
            ended=None if row["ended"] is None else Day(row["ended"]),
        ),
        is_withdrawn=row["state"] == _WITHDRAWN,
        revision=row["revision"],
    )


def _state(alert: Alert, *, is_withdrawn: bool) -> AlertState:
    if is_withdrawn:
        return AlertState.WITHDRAWN
    return AlertState.OPEN if alert.ended is None else AlertState.CLOSED
