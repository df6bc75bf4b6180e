"""Random policies with everything in use: shares, part-time windows, switched-off days, groups."""

from datetime import timedelta

import numpy as np
from hypothesis import strategies as st

from schemas.types import KINDS, Day, Kind, Mode
from scoring.days import date_of
from scoring.kind_policy import KindPolicy, Measure, Off
from scoring.policy import Policy
from scoring.profile import Profile
from scoring.selection import KindOverride, NotScoredRule, Override, Selection
from scoring.thresholds import Thresholds

FIRST_DAY = Day(15_000)
LEVELS = ["undergraduate", "postgraduate"]
PROGRAMMES = ["history", "physics"]
STATUSES = ["enrolled", "interrupted"]

profiles = st.builds(
    Profile,
    level=st.sampled_from(LEVELS),
    mode=st.sampled_from([*Mode, "unheard of"]),
    programme=st.sampled_from(PROGRAMMES),
    status=st.sampled_from(STATUSES),
)


@st.composite
def thresholds(draw: st.DrawFn) -> Thresholds:
    lowest = draw(st.lists(st.integers(1, 9_999), min_size=4, max_size=4, unique=True).map(sorted))
    low, partial, good, high = (value / 100 for value in lowest)
    return Thresholds(low=low, partial=partial, good=good, high=high)


def weights() -> st.SearchStrategy[float]:
    return st.one_of(st.integers(1, 5).map(float), st.floats(0.001, 1000))


def saturations(measure: Measure) -> st.SearchStrategy[float]:
    most = {Measure.EVENTS: 300, Measure.DAYS: 7, Measure.SHARE: 1}
    return st.floats(0.01, most[measure])


@st.composite
def spans_off(draw: st.DrawFn) -> tuple[Off, ...]:
    """Up to two spans, apart from one another."""
    spans, first = list[Off](), date_of(FIRST_DAY + draw(st.integers(0, 20)))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        last = first + timedelta(days=draw(st.integers(0, 10)))
        spans.append(Off(first=first, last=last, reason="closed"))
        first = last + timedelta(days=draw(st.integers(1, 5)))
    return tuple(reversed(spans))


@st.composite
def kind_policies(draw: st.DrawFn, shortest: int, longest: int) -> KindPolicy:
    windows = st.integers(shortest, longest)
    measure = draw(st.sampled_from(Measure))
    saturation = draw(saturations(measure))
    is_share = measure is Measure.SHARE
    return KindPolicy(
        weight=draw(weights()),
        window_days=draw(windows),
        part_time_window_days=draw(st.none() | windows),
        measure=measure,
        saturation_per_week=None if is_share else saturation,
        saturation_share=saturation if is_share else None,
        feeds=("some.feed",),
        off=draw(spans_off()),
    )


@st.composite
def overrides(
    draw: st.DrawFn, kinds: dict[Kind, KindPolicy], shortest: int, longest: int
) -> Override:
    kept, *others = kinds
    different = dict[Kind, KindOverride]()
    for kind in draw(st.lists(st.sampled_from([kept, *others]), unique=True)):
        measure = kinds[kind].measure
        saturation = draw(st.none() | saturations(measure))
        is_share = measure is Measure.SHARE
        weight = weights() if kind is kept else st.just(0.0) | weights()
        different[kind] = KindOverride(
            weight=draw(st.none() | weight),
            window_days=draw(st.none() | st.integers(shortest, longest)),
            part_time_window_days=draw(st.none() | st.integers(shortest, longest)),
            saturation_per_week=None if is_share else saturation,
            saturation_share=saturation if is_share else None,
        )
    return Override(
        where=draw(selections()),
        reason="they differ",
        kinds=different,
        thresholds=draw(thresholds() if not different else st.none() | thresholds()),
    )


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    which = draw(st.sampled_from(["level", "programme", "both"]))
    level = (draw(st.sampled_from(LEVELS)),) if which != "programme" else ()
    programme = (draw(st.sampled_from(PROGRAMMES)),) if which != "level" else ()
    return Selection(level=level, programme=programme)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    look_back = draw(st.integers(3, 30))
    longest = draw(st.integers(1, look_back))
    minimum = draw(st.floats(0.01, longest))
    shortest = int(np.ceil(minimum))
    chosen = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4, unique=True))
    kinds = {kind: draw(kind_policies(shortest, longest)) for kind in chosen}
    away = NotScoredRule(where=Selection(status=("interrupted",)), reason="studies are interrupted")
    return Policy(
        version=1,
        valid_from=date_of(10_000),
        title="random",
        look_back_days=look_back,
        minimum_counted_days=minimum,
        minimum_weight_share=draw(st.sampled_from([0.0, 0.3, 0.5, 1.0])),
        thresholds=draw(thresholds()),
        kinds=kinds,
        not_scored=draw(st.sampled_from([(), (away,)])),
        overrides=tuple(draw(st.lists(overrides(kinds, shortest, longest), max_size=2))),
    )
