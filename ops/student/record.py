"""A view as JSON. Names stay; further ones may be added."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from ops.alerts import alert_record
from ops.student.view import Found, Verification, View
from scoring.days import date_of
from scoring.explanation import Explanation, KindExplanation, Span
from scoring.next_band import NextBand, Step
from sinks.answers import Closing, Contribution

NOTE: Final = "An indicator is a suggestion to talk; it decides nothing."


def record_of(view: View, *, with_verification: bool) -> dict[str, object]:
    """One object; `explanation` is null where the days cannot be told."""
    found, explanation = view.found, view.explanation()
    known_at = view.question.known_at
    record: dict[str, object] = {
        "student": found.student,
        "day": day_told(found).isoformat(),
        "is_closing": isinstance(found, Closing),
        "known_at": None if known_at is None else known_at.isoformat(),
        "status": found.status.value,
        "band": found.band.value,
        "score": found.score,
        "reason": found.reason,
        "policy": found.policy,
        "computed_at": found.computed_at.isoformat(),
        "contributions": [_contribution(part) for part in found.contributions],
        "explanation": None if explanation is None else _explanation(explanation),
        "alerts": [alert_record(alert) | {"suggestion": alert.suggestion} for alert in view.alerts],
        "history": [_revision(one) for one in view.history],
        "note": NOTE,
    }
    if with_verification:
        record["verification"] = _verification(view.verification)
    return record


def day_told(found: Found) -> date:
    """The day at whose end it stood."""
    return date_of(found.day if isinstance(found, Closing) else found.complete)


def _contribution(part: Contribution) -> dict[str, object]:
    return {
        "kind": part.kind.value,
        "counted": part.counted,
        "reason": part.reason,
        "amount": part.amount,
        "days": part.days,
        "rate_per_week": part.rate,
        "points": part.points,
        "weight": part.weight,
        "due": part.due,
    }


def _explanation(explanation: Explanation) -> dict[str, object]:
    above = explanation.next_band
    return {
        "thresholds": {band.value: low for band, low in explanation.rules.thresholds.ascending},
        "points_earned": explanation.points_earned,
        "points_possible": explanation.points_possible,
        "kinds": [_kind(kind) for kind in explanation.kinds],
        "shown": [
            {
                "kind": one.kind.value,
                "measure": one.measure.value,
                "amount": one.amount,
                "days": one.days,
                "reason": one.reason,
            }
            for one in explanation.shown
        ],
        "next_band": None if above is None else _next(above),
    }


def _kind(kind: KindExplanation) -> dict[str, object]:
    return {
        "kind": kind.contribution.kind.value,
        "measure": kind.rule.measure.value,
        "window_days": kind.rule.window_days,
        "saturation": kind.rule.saturation,
        "days": [
            {
                "day": date_of(one.day).isoformat(),
                "percent": one.weight_percent,
                "amount": one.amount,
                "due": one.due,
            }
            for one in kind.days
        ],
        "light": _spans(kind.light),
        "left_out": _spans(kind.left_out),
        "extensions": [
            {
                "due": date_of(one.due).isoformat(),
                "extended_to": date_of(one.extended_to).isoformat(),
            }
            for one in kind.extensions
        ],
    }


def _spans(spans: Iterable[Span]) -> list[dict[str, str]]:
    return [
        {
            "first": date_of(span.first).isoformat(),
            "last": date_of(span.last).isoformat(),
            "reason": span.reason,
        }
        for span in spans
    ]


def _next(above: NextBand) -> dict[str, object]:
    def steps(some: Iterable[Step]) -> list[dict[str, object]]:
        return [{"kind": step.kind.value, "number": step.number} for step in some]

    return {
        "band": above.band.value,
        "lowest": above.lowest,
        "alone": steps(above.alone),
        "together": steps(above.together),
    }


def _revision(closing: Closing) -> dict[str, object]:
    return {
        "revision": closing.revision,
        "status": closing.status.value,
        "band": closing.band.value,
        "score": closing.score,
        "cause": closing.cause.value,
        "policy": closing.policy,
        "known_from": closing.computed_at.isoformat(),
    }


def _verification(verification: Verification) -> dict[str, object]:
    return {
        "is_equal": verification.is_equal,
        "obstacle": verification.obstacle,
        "differences": [
            {
                "kind": None if one.kind is None else one.kind.value,
                "field": one.field,
                "published": one.published,
                "recomputed": one.recomputed,
            }
            for one in verification.differences
        ],
        "unchecked": list(verification.unchecked),
    }
