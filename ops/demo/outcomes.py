"""Whether the indicator says anything: the band at mid-course against the real final result."""

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import Final

from connectors.identity import SiteKey, pseudonyms
from connectors.oulad.presentations import read_presentations
from connectors.oulad.results import final_results
from connectors.oulad.source import SCHEME
from ops.demo.verify import NO_BAND, Key, Plain, band_of
from schemas.types import Band, Day, StudentId

_RESULTS: Final = ("Distinction", "Pass", "Fail", "Withdrawn")


def outcomes(
    folder: Traversable, site_key: SiteKey, published: Mapping[Key, Plain]
) -> Sequence[tuple[str, Mapping[str, int]]]:
    """By final result, how many students had which band when half of the course was over."""
    middle = {
        one.name: Day(one.start + one.length_days // 2) for one in read_presentations(folder).all
    }
    results = final_results(folder)
    numbers = sorted({number for _, number in results})
    ids = pseudonyms(site_key, SCHEME, [str(number) for number in numbers])
    student_of = dict(zip(numbers, ids.tolist(), strict=True))
    counts: dict[str, Counter[str]] = {result: Counter() for result in _RESULTS}
    for (presentation, number), result in results.items():
        student = StudentId(student_of[number])
        band = band_of(published, student, middle[presentation])
        counts.setdefault(result, Counter())[band] += 1
    # plain dicts: dataclasses.asdict would rebuild a Counter by counting its pairs
    return [(result, dict(bands)) for result, bands in counts.items()]


def last_bands(published: Mapping[Key, Plain]) -> Mapping[str, int]:
    """Students by the band of their last closing, lowest first: as they stood when they ended."""
    last: dict[StudentId, Day] = {}
    for student, day in published:
        last[student] = max(day, last.get(student, day))
    counts = Counter(band_of(published, student, day) for student, day in last.items())
    names = [*(band.value for band in Band if band is not Band.NONE), NO_BAND]
    return {name: counts[name] for name in names if counts[name]}
