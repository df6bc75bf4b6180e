"""What was published against what the reference makes of the same records, field by field."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.types import Kind, Status
from scoring.indicator import Contribution, Indicator

_FIELDS: Final = ("counted", "reason", "amount", "days_percent", "rate", "points", "weight", "due")
_TOLD_BY_STATUS: Final = frozenset({Status.NOT_ENROLLED, Status.UNKNOWN_STUDENT})
"""Their reason is a sentence of the writer's that says nothing more."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not the same."""

    kind: Kind | None
    """The kind of activity; None for what is said of the indicator as a whole."""
    field: str
    published: object
    recomputed: object


def differences(published: Indicator, recomputed: Indicator) -> Sequence[Difference]:
    """Give every field in which the two are not equal; none: they are equal to the last digit."""
    return [*_overall(published, recomputed), *_of_kinds(published, recomputed)]


def _overall(published: Indicator, recomputed: Indicator) -> Iterator[Difference]:
    fields = ["status", "band", "score"]
    if {published.status, recomputed.status}.isdisjoint(_TOLD_BY_STATUS):
        fields.append("reason")
    for field in fields:
        yield from _of_field(None, field, published, recomputed)


def _of_kinds(published: Indicator, recomputed: Indicator) -> Iterator[Difference]:
    told = {part.kind: part for part in published.contributions}
    wanted = {part.kind: part for part in recomputed.contributions}
    for kind in told | wanted:
        if kind in told and kind in wanted:
            for field in _FIELDS:
                yield from _of_field(kind, field, told[kind], wanted[kind])
        else:
            yield Difference(kind, "is part of it", kind in told, kind in wanted)


def _of_field(
    kind: Kind | None,
    field: str,
    published: Indicator | Contribution,
    recomputed: Indicator | Contribution,
) -> Iterator[Difference]:
    was, is_now = getattr(published, field), getattr(recomputed, field)
    if was != is_now:
        yield Difference(kind, field, was, is_now)
