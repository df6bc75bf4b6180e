"""An explanation in sentences, which a student can check with a pencil."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from schemas.types import Band, Kind, Status
from scoring.days import date_of
from scoring.explanation import Explanation, KindExplanation, ShownAmount, Span
from scoring.kind_policy import Measure
from scoring.next_band import NextBand, Step
from scoring.rounding import days_text
from scoring.rules import Rules

_UNITS: Final = {
    Measure.EVENTS: ("more event", "more events"),
    Measure.DAYS: ("more day", "more days"),
    Measure.SHARE: ("more of the items due", "more of the items due"),
}


def sentences(explanation: Explanation) -> list[str]:
    """Tell an explanation: the band, each kind with its days, and what the next band needed."""
    told = [_headline(explanation)]
    told += [_of_kind(kind) for kind in explanation.kinds]
    told += _of_extensions(explanation.kinds)
    told += _of_days(explanation.kinds)
    told += [_of_shown(shown) for shown in explanation.shown]
    if explanation.next_band is not None:
        told.append(_next(explanation.next_band, explanation.rules))
    return told


def _headline(explanation: Explanation) -> str:
    indicator = explanation.indicator
    if indicator.status is not Status.SCORED:
        return f"There is no band ({_words(indicator.status)}): {indicator.reason}."
    earned, possible = explanation.points_earned, explanation.points_possible
    return (
        f"The band is {_words(indicator.band)}: {earned:.4f} of {possible:g} points, that is "
        f"{indicator.score:g} of 100. {_bands(explanation.rules)}"
    )


def _bands(rules: Rules) -> str:
    ascending = rules.thresholds.ascending
    spans = [
        f"{_words(band)} from {lowest:g} to below {above:g}"
        for (band, lowest), (_, above) in pairwise(ascending)
    ]
    band, lowest = ascending[-1]
    return f"Bands: {', '.join(spans)}, {_words(band)} from {lowest:g}."


def _of_kind(kind: KindExplanation) -> str:
    part = kind.contribution
    name = _words(part.kind)
    if not part.counted:
        return f"{name} is left out: {part.reason}."
    return f"{name}: {_measure(kind)}: {part.points:g} of {part.weight:g} points."


def _of_extensions(kinds: Sequence[KindExplanation]) -> Iterator[str]:
    for kind in kinds:
        for one in kind.extensions:
            due, extended_to = date_of(one.due), date_of(one.extended_to)
            yield f"{_words(kind.contribution.kind)} due {due}, extended to {extended_to}."


def _of_days(kinds: Sequence[KindExplanation]) -> Iterator[str]:
    """Tell the days that are not full days, once for all kinds of which the same is to be said."""
    spans: dict[tuple[str, Span], list[str]] = {}
    for kind in kinds:
        for what, of_kind in (("less than full days", kind.light), ("left out", kind.left_out)):
            for span in of_kind:
                spans.setdefault((what, span), []).append(_words(kind.contribution.kind))
    for (what, span), names in spans.items():
        whose = "all kinds" if len(names) == len(kinds) else ", ".join(names)
        yield f"{_span(span)}: {what}{f': {span.reason}' if span.reason else ''} ({whose})."


def _measure(kind: KindExplanation) -> str:
    part, rule = kind.contribution, kind.rule
    first, last = date_of(kind.days[0].day), date_of(kind.days[-1].day)
    over = f"from {first} to {last}"
    if rule.measure is Measure.SHARE:
        return (
            f"{part.amount} of {part.due} items due {over} met, a share of {part.rate:g}; "
            f"{rule.saturation:g} earns all points"
        )
    unit = "day" if rule.measure is Measure.DAYS else "event"
    number = f"{part.amount} {unit}{'' if part.amount == 1 else 's'}"
    return (
        f"{number} {over}, which weigh {days_text(part.days_percent)} full days, are "
        f"{part.rate:g} a week; {rule.saturation:g} a week earn all points"
    )


def _of_shown(shown: ShownAmount) -> str:
    unit = "days" if shown.measure is Measure.DAYS else "events"
    return (
        f"{_words(shown.kind)}: {shown.amount} {unit} in {shown.days} days; shown, not scored: "
        f"{shown.reason}."
    )


def _next(step: NextBand, rules: Rules) -> str:
    begins = f"{_words(step.band)} begins at {step.lowest:g}"
    ways = [_step(one, rules) for one in step.alone]
    if len(step.together) > 1:
        ways.append(" and ".join(_step(one, rules) for one in step.together))
    if not ways:
        return f"{begins}; no activity in these windows would have reached it alone or together."
    return f"{begins}; enough would have been {', or '.join(ways)}."


def _step(step: Step, rules: Rules) -> str:
    singular, plural = _UNITS[rules.kinds[step.kind].measure]
    return f"{step.number} {singular if step.number == 1 else plural} of {_words(step.kind)}"


def _span(span: Span) -> str:
    first, last = date_of(span.first), date_of(span.last)
    return f"{first}" if first == last else f"{first} to {last}"


def _words(name: Kind | Band | Status) -> str:
    return name.replace("_", " ")
