"""Holds what was published against what a plain reader makes of the log."""

from schemas.topics import (
    ALERT,
    ALERT_COMPLIANCE,
    DAILY,
    INDICATOR,
    INDICATOR_CHANGE,
    INDICATOR_DAY,
)
from schemas.types import KINDS, Band, Status
from scoring.indicator import Indicator
from streams.alert_records import alerts_in
from streams.campus import as_date
from tests.streams.oracle import Truth
from tests.streams.owner import Published

STATUSES = [status.value for status in Status][1:]
BANDS = [band.value for band in Band]


def check(published: Published, truth: Truth) -> None:
    closings = published.last_of(INDICATOR_DAY, "student", "day")
    withdrawn = {key for key in closings if _status(closings[key]) == Status.NOT_ENROLLED}
    assert closings.keys() - withdrawn == truth.closings.keys()
    for key, wanted in truth.closings.items():
        assert _result(closings[key]) == _wanted(wanted), (key, as_date(key[1]))
    _check_revisions(published)
    check_alerts(published, truth)
    daily = {
        key: {kind: row[kind.value] for kind in KINDS if row[kind.value]}
        for key, row in published.last_of(DAILY, "student", "day").items()
    }
    assert {key: counts for key, counts in daily.items() if counts} == truth.daily
    states = check_chain(published)
    for student, state in truth.states.items():
        if student in states or state[0] is not Status.NOT_ENROLLED:
            assert states[student] == (state[0].value, state[1].value)
    current = {
        row["student"]: (STATUSES[int(str(row["status"]))], BANDS[int(str(row["band"]))])
        for row in published.rows(INDICATOR)
    }
    assert current == states


def check_chain(published: Published) -> dict[object, tuple[str, str]]:
    """Each change follows from the one before it; the states they lead to."""
    last: dict[object, tuple[int, int, int]] = {}
    for row in published.rows(INDICATOR_CHANGE):
        sequence, status, band = last.get(row["student"], (0, 0, 0))
        assert row["sequence"] == sequence + 1
        assert (row["previous_status"], row["previous_band"]) == (status, band)
        now = (sequence + 1, int(str(row["status"])) + 1, int(str(row["band"])))
        assert now[1:] != (status, band)
        last[row["student"]] = now
    return {s: (STATUSES[status - 1], BANDS[band]) for s, (_, status, band) in last.items()}


def check_alerts(published: Published, truth: Truth) -> None:
    """An alert stands when it is in the set, and is withdrawn when it is not any more."""
    for topic, wanted in ((ALERT, truth.alerts), (ALERT_COMPLIANCE, truth.compliance_alerts)):
        last: dict[object, int] = {}
        for row in published.rows(topic):
            key = (row["student"], row["alert"])
            assert row["revision"] == last.get(key, -1) + 1, key
            last[key] = int(str(row["revision"]))
        found = alerts_in(published.frame(topic), topic)
        told = {(one.student, one.alert.name): one for one in found}
        assert {key: one.alert for key, one in told.items() if not one.is_withdrawn} == wanted


def _check_revisions(published: Published) -> None:
    """0, 1, 2 ... of each student and day, and no two alike that follow each other."""
    for topic in (INDICATOR_DAY, DAILY):
        last: dict[object, int] = {}
        for row in published.rows(topic):
            key = (row["student"], row["day"])
            assert row["revision"] == last.get(key, -1) + 1
            last[key] = int(str(row["revision"]))


def _status(row: dict[str, object]) -> str:
    return STATUSES[int(str(row["status"]))]


def _result(row: dict[str, object]) -> dict[str, object]:
    return {
        "status": _status(row),
        "band": BANDS[int(str(row["band"]))],
        "score": row["score"],
        "reason": row["reason"],
        "contributions": row["contributions"],
    }


def _wanted(indicator: Indicator) -> dict[str, object]:
    return {
        "status": indicator.status.value,
        "band": indicator.band.value,
        "score": indicator.score,
        "reason": indicator.reason,
        "contributions": [
            {
                "kind": part.kind.value,
                "counted": part.counted,
                "reason": part.reason,
                "amount": part.amount,
                "days": part.days_percent / 100,
                "rate": part.rate,
                "points": part.points,
                "weight": part.weight,
                "due": part.due,
            }
            for part in indicator.contributions
        ],
    }
