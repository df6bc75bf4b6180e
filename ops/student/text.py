"""A view for eyes: sentences that somebody can check with a pencil, and tables."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from ops.console import table
from ops.student.record import NOTE, day_told
from ops.student.view import Found, Verification, View
from schemas.types import Status
from scoring.days import date_of
from scoring.explanation import Explanation
from scoring.explanation_text import sentences
from sinks.answers import Closing

_SENTENCES: Final = {
    Status.INSUFFICIENT_DATA: "There is too little data for a band",
    Status.NOT_SCORED: "This student is not scored",
    Status.NOT_ENROLLED: "This student is not enrolled on that day",
    Status.UNKNOWN_STUDENT: "There is activity, but no student record",
}


def text_of(view: View, *, with_verification: bool) -> RenderableType:
    """Everything, one part behind the other."""
    found, explanation = view.found, view.explanation()
    parts: list[RenderableType] = [Text(_headline(view), "bold")]
    if found.contributions:
        parts += ["", _contributions(found, explanation), *_sum(found)]
    if explanation is not None:
        parts += ["", *(Text(f"- {sentence}") for sentence in sentences(explanation))]
    elif found.contributions:
        parts += ["", Text(_why_not_explained(view.verification))]
    parts += [*_history(view.history), *_alerts(view)]
    if with_verification:
        parts += ["", *_verification(view.verification)]
    parts += ["", Text(f"By policy version {found.policy}. {NOTE}")]
    return Group(*parts)


def _headline(view: View) -> str:
    found, day = view.found, day_told(view.found)
    head = f"Student {found.student}, at the end of {day:%A} {day.day} {day:%B %Y}"
    if view.question.known_at is not None:
        head += f", as it was known at {_at(view.question.known_at)}"
    if found.status is Status.SCORED:
        band = _words(found.band.value)
        return f"{head}: {band} engagement, {found.score:.2f} of 100 points."
    reason = f": {found.reason}" if found.reason else ""
    return f"{head}: {_SENTENCES[found.status]}{reason}."


def _contributions(found: Found, explanation: Explanation | None) -> RenderableType:
    rules = explanation.rules.kinds if explanation is not None else {}
    rows = [
        [
            _words(part.kind),
            part.amount,
            part.days,
            part.rate,
            rules[part.kind].saturation if part.kind in rules else None,
            part.points,
            part.weight,
            part.reason,
        ]
        for part in found.contributions
    ]
    columns = ["activity", "amount", "in days", "a week", "all points at", "points", "of at most"]
    return table("how it came about", [*columns, "left out"], rows)


def _sum(found: Found) -> Iterator[RenderableType]:
    if found.status is Status.SCORED:
        counted = [part for part in found.contributions if part.counted]
        points, most = sum(p.points for p in counted), sum(p.weight for p in counted)
        yield ""
        yield f"{points:.2f} of {most:.2f} points are {found.score:.2f} of 100."


def _why_not_explained(verification: Verification) -> str:
    if verification.obstacle:
        return f"Its days cannot be told: {verification.obstacle}."
    return (
        "Its days cannot be told: from the records that ClickHouse holds now, another result"
        " follows. With --verify you see what differs."
    )


def _history(history: Sequence[Closing]) -> Iterator[RenderableType]:
    if len(history) > 1:
        rows = [
            [
                _at(one.computed_at),
                _words(one.band.value if one.status is Status.SCORED else one.status.value),
                one.score,
                _words(one.cause.value),
                one.policy,
            ]
            for one in history
        ]
        yield ""
        yield table(
            "what was known of that day", ["from", "band", "score", "cause", "policy"], rows
        )


def _alerts(view: View) -> Iterator[RenderableType]:
    if not view.alerts:
        return
    rows = [
        [
            _words(alert.rule),
            str(date_of(alert.raised)),
            alert.state if alert.ended is None else f"{alert.state} {date_of(alert.ended)}",
            alert.evidence,
            alert.suggestion,
        ]
        for alert in view.alerts
    ]
    yield ""
    yield table("alerts", ["rule", "raised", "state", "because", "suggestion"], rows)
    for note in dict.fromkeys(alert.note for alert in view.alerts):
        yield Text(note)


def _verification(verification: Verification) -> Iterator[RenderableType]:
    if verification.recomputed is None:
        yield Text(f"Not verified: {verification.obstacle}.", "bold")
        return
    if verification.is_equal:
        yield Text(
            "Verified: the reference, from the raw events in ClickHouse, gives what was published,"
            " to the last digit.",
            "bold",
        )
    else:
        yield Text("Not equal: the reference gives something else than was published.", "bold")
        rows = [
            [_words(one.kind or ""), _words(one.field), str(one.published), str(one.recomputed)]
            for one in verification.differences
        ]
        yield table("what differs", ["activity", "what", "published", "recomputed"], rows)
    yield Text("Not checked:")
    yield from (Text(f"- {sentence}") for sentence in verification.unchecked)


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S %Z}"


def _words(name: str) -> str:
    return name.replace("_", " ")
