"""Alerts as JSON, of welfare and of compliance alike."""

from scoring.days import date_of
from sinks.alerts import ToldAlert


def alert_record(alert: ToldAlert) -> dict[str, object]:
    """What both have in common. Names stay; further ones may be added."""
    return {
        "alert": alert.name,
        "rule": alert.rule,
        "raised": date_of(alert.raised).isoformat(),
        "ended": None if alert.ended is None else date_of(alert.ended).isoformat(),
        "state": alert.state,
        "evidence": alert.evidence,
        "cause": alert.cause.value,
        "note": alert.note,
    }
