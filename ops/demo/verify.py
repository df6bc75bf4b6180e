"""Holds what stands in ClickHouse against the oracle, closing by closing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from ops.demo.oracle import Closing
from schemas.types import Band, Day, StudentId
from scoring.indicator import Indicator
from sinks.queries import Queries

NO_BAND: Final = "no_band"
LEFT: Final = "left"
_EXAMPLES: Final = 5

Key: TypeAlias = tuple[StudentId, Day]
Plain: TypeAlias = tuple[object, ...]
_EPOCH_ORDINAL: Final = 719_163  # of 1970-01-01, as date.toordinal counts


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many closings were compared, and the first few that differ."""

    compared: int
    differing: int
    examples: tuple[str, ...]


def published_closings(queries: Queries) -> Mapping[Key, Plain]:
    """Every closing in ClickHouse, in a form that can be compared."""
    found: dict[Key, Plain] = {}
    for frame in queries.all_closings():
        for row in frame.iter_rows(named=True):
            found[StudentId(row["student"]), Day(row["day"].toordinal() - _EPOCH_ORDINAL)] = (
                row["status"],
                row["band"],
                row["score"],
                row["reason"],
                tuple(_item(item) for item in row["contributions"]),
            )
    return found


def compare(
    published: Mapping[Key, Plain],
    oracle: Iterable[Closing],
    progress: Callable[[int], None] = lambda compared: None,
) -> Verdict:
    """Equal means: the same keys, and every field of every closing the same."""
    left = dict(published)
    compared = differing = 0
    examples: list[str] = []
    for student, day, indicator in oracle:
        compared += 1
        wanted = _plain(indicator)
        found = left.pop((student, day), None)
        if found != wanted:
            differing += 1
            if len(examples) < _EXAMPLES:
                examples.append(f"student {student}, day {day}: {found}, the oracle says {wanted}")
        if compared % 1000 == 0:
            progress(compared)
    for student, day in list(left)[:_EXAMPLES]:
        examples.append(f"student {student}, day {day}: published, unknown to the oracle")
    return Verdict(compared, differing + len(left), tuple(examples[:_EXAMPLES]))


def band_of(published: Mapping[Key, Plain], student: StudentId, day: Day) -> str:
    """The band of a closing, `NO_BAND`, or `LEFT` where there is no closing."""
    found = published.get((student, day))
    if found is None:
        return LEFT
    return str(found[1]) if found[1] != Band.NONE.value else NO_BAND


def _plain(indicator: Indicator) -> Plain:
    return (
        indicator.status.value,
        indicator.band.value,
        indicator.score,
        indicator.reason,
        tuple(
            (
                part.kind.value,
                part.counted,
                part.reason,
                part.amount,
                part.days_percent / 100,
                part.rate,
                part.points,
                part.weight,
                part.due,
            )
            for part in indicator.contributions
        ),
    )


def _item(item: Mapping[str, Any]) -> Plain:
    return (
        item["kind"],
        item["counted"],
        item["reason"],
        item["amount"],
        item["days"],
        item["rate"],
        item["points"],
        item["weight"],
        item["due"],
    )
