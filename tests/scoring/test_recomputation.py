"""An indicator computed once more follows from the records, and from those that hold for its day.

The oracle asks the reference itself, with the days that count worked out one by one.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

from hypothesis import given
from hypothesis import strategies as st

from schemas.types import CircumstanceSort, Day, Kind, Status, StudentId
from scoring.calendar import Calendar
from scoring.circumstance import Circumstance
from scoring.comparison import Difference, differences
from scoring.days import date_of
from scoring.evidence import Evidence, Lack, Period, PublishedPolicy
from scoring.indicator import Contribution, Indicator
from scoring.items import Item
from scoring.profile import Profile
from scoring.published_calendar import PublishedCalendar
from scoring.recomputation import recompute
from scoring.reference import evaluate
from scoring.student_days import Moment
from tests.scoring.worlds import patiently

FIRST = 16_000
LAST = 16_030
FEEDS = {Kind.MOODLE_COURSE: "clicks", Kind.FASER_UPLOAD: "uploads"}
ENROLLED = Profile("undergraduate", "full_time", "History", "enrolled")
AMENDMENT = 4
_POLICY = """
version: {version}
valid_from: {valid_from}
title: test
look_back_days: 12
amendment_days: 4
mark_deadline_hours: 36
minimum_counted_days: 2
minimum_weight_share: 0.5
thresholds: {{low: 20, partial: 45, good: 65, high: 85}}
kinds:
  moodle_course:
    {{weight: {weight}, window_days: 5, measure: days, saturation_per_week: 5, feeds: [clicks]}}
  faser_upload:
    {{weight: 1, window_days: 8, measure: share, saturation_share: 1, feeds: [uploads]}}
not_scored: [{{where: {{level: [research]}}, reason: research works otherwise}}]
"""


def policy(version: int, valid_from: int) -> PublishedPolicy:
    document = _POLICY.format(version=version, valid_from=date_of(valid_from), weight=2 + version)
    return PublishedPolicy(version, Day(valid_from), document)


def calendar(version: int, valid_from: int, percents: Sequence[int]) -> PublishedCalendar:
    days = tuple((percent, "" if percent == 100 else "vacation") for percent in percents)
    return PublishedCalendar(version, Day(valid_from), Day(FIRST + 3), days, Calendar())


DAYS = st.integers(FIRST, LAST)
COUNTS = st.fixed_dictionaries(
    {kind: st.dictionaries(DAYS.map(Day), st.integers(1, 4), max_size=12) for kind in FEEDS}
)
PERIODS = st.lists(
    st.builds(
        lambda first, days: Period(Day(first), None if days > 25 else Day(first + days), ENROLLED),
        DAYS,
        st.integers(0, 30),
    ),
    max_size=3,
)
LACKS = st.lists(
    st.builds(
        lambda feed, day, ended: Lack(feed, Day(day), ended, "no mark"),
        st.sampled_from(sorted(FEEDS.values())),
        DAYS,
        st.none() | DAYS.map(Day),
    ),
    max_size=5,
    unique_by=lambda lack: (lack.feed, lack.day),
)
CALENDARS = st.lists(
    st.tuples(DAYS, st.lists(st.sampled_from([0, 50, 100]), max_size=25)), max_size=2
)
EXCUSES = st.lists(
    st.builds(
        lambda kinds, first, days, extend, declared, withdrawn: Circumstance(
            StudentId(1),
            CircumstanceSort.PLACEMENT,
            tuple(sorted(kinds)),
            Day(first),
            Day(first + days),
            extend,
            Day(declared),
            withdrawn,
        ),
        st.frozensets(st.sampled_from(list(FEEDS))),
        DAYS,
        st.integers(0, 9),
        st.integers(0, 5),
        DAYS,
        st.none() | DAYS.map(Day),
    ),
    max_size=3,
)
ITEMS = st.lists(st.builds(Item, DAYS.map(Day), st.none() | DAYS.map(Day)), max_size=5)


@given(
    counts=COUNTS,
    items=ITEMS,
    periods=PERIODS,
    excuses=EXCUSES,
    lacks=LACKS,
    calendars=CALENDARS,
    second=DAYS,
    day=st.integers(FIRST + 12, LAST),
)
@patiently
def test_an_indicator_follows_from_the_records_that_hold_for_its_day(
    counts: dict[Kind, dict[Day, int]],
    items: list[Item],
    periods: list[Period],
    excuses: list[Circumstance],
    lacks: list[Lack],
    calendars: list[tuple[int, list[int]]],
    second: int,
    day: int,
) -> None:
    published = [calendar(n, start, percents) for n, (start, percents) in enumerate(calendars, 1)]
    evidence = Evidence(
        counts=counts,
        periods=periods,
        policies=[policy(2, second), policy(1, FIRST - 100)],
        calendars=published,
        lacks=lacks,
        items={Kind.FASER_UPLOAD: items},
        excuses=excuses,
    )
    found = recompute(evidence, Moment.closing(Day(day)), by=Day(day))
    assert found is not None
    assert found.policy.version == (2 if second <= day else 1)
    enrolled = {
        n
        for n in range(FIRST - 20, LAST + 1)
        for one in periods
        if one.first <= n <= (one.last or LAST)
    }
    if day not in enrolled:
        assert found.indicator.status is Status.NOT_ENROLLED
        assert found.explanation() is None
        return
    weights = dict.fromkeys(range(FIRST - 20, LAST + 1), 100)
    begun = [one for one in published if one.valid_from <= day]
    for last in sorted(begun, key=lambda one: (one.valid_from, one.version))[-1:]:
        weights |= {FIRST + 3 + n: percent for n, (percent, _) in enumerate(last.days)}
    lacking = {
        (lack.feed, lack.day)
        for lack in lacks
        if lack.ended is None or lack.ended - AMENDMENT > day
    }
    excused: dict[tuple[Kind, int], int] = {}
    for one in excuses:
        is_over = one.withdrawn_on is not None and one.withdrawn_on - AMENDMENT <= day
        if one.declared_on - AMENDMENT <= day and not is_over:
            for n in range(one.first, one.last + 1):
                for kind in one.kinds or FEEDS:
                    excused[kind, n] = max(one.extend_days, excused.get((kind, n), 0))
    moved = [
        Item(Day(item.due + excused.get((Kind.FASER_UPLOAD, item.due), 0)), item.met)
        for item in items
    ]
    assert found.indicator == evaluate(
        found.policy,
        counts=counts,
        complete=Day(day),
        as_of=Day(day + 1),
        seen=Day(day),
        weight_percent=weights.__getitem__,
        counted=lambda kind, n: n in enrolled and (FEEDS[kind], n) not in lacking,
        excused=lambda kind, n: (kind, n) in excused,
        items={Kind.FASER_UPLOAD: moved},
    )
    explained = found.explanation()
    assert explained is not None
    for explained_kind in explained.kinds:
        reasons = {span.reason.split(":")[0] for span in explained_kind.left_out}
        feed = FEEDS[explained_kind.contribution.kind]
        assert reasons <= {
            "outside of the student's periods of study",
            f"the feed {feed} lacks this day",
        }


def test_without_a_policy_nothing_follows_and_without_a_record_nobody_is_known() -> None:
    at = Moment.closing(Day(FIRST))
    assert recompute(Evidence({}, [], [policy(1, FIRST + 1)]), at, by=Day(FIRST)) is None
    unknown = recompute(Evidence({}, None, [policy(1, FIRST)]), at, by=Day(FIRST))
    assert unknown is not None
    assert unknown.indicator.status is Status.UNKNOWN_STUDENT


def test_whom_the_policy_excludes_has_its_reason_and_of_two_periods_the_later_decides() -> None:
    research = replace(ENROLLED, level="research")
    periods = [Period(Day(FIRST), None, research), Period(Day(FIRST - 5), None, ENROLLED)]
    evidence = Evidence({}, periods, [policy(1, FIRST - 9)])
    excluded = recompute(evidence, Moment.closing(Day(FIRST)), by=Day(FIRST))
    assert excluded is not None
    assert excluded.indicator == Indicator.unscored(Status.NOT_SCORED, "research works otherwise")
    before = recompute(evidence, Moment.closing(Day(FIRST - 1)), by=Day(FIRST - 1))
    assert before is not None
    assert before.indicator.status is Status.SCORED


_PART = Contribution(Kind.TAP_IN, True, "", 3, 420, 0.75, 1.5, 10.0, 4)
_OTHERS = st.builds(
    Contribution,
    kind=st.just(Kind.TAP_IN),
    counted=st.booleans(),
    reason=st.sampled_from(["", "too few"]),
    amount=st.sampled_from([3, 4]),
    days_percent=st.sampled_from([420, 421]),
    rate=st.sampled_from([0.75, 0.76]),
    points=st.sampled_from([1.5, 1.51]),
    weight=st.sampled_from([10.0, 9.0]),
    due=st.sampled_from([4, 5]),
)


@given(part=_OTHERS, score=st.sampled_from([None, 71.25]))
def test_every_field_that_differs_is_named_and_no_other(
    part: Contribution, score: float | None
) -> None:
    one = Indicator.unscored(Status.INSUFFICIENT_DATA, "", (_PART,))
    other = replace(one, score=score, contributions=(part,))
    was, is_now = asdict(_PART), asdict(part)
    wanted = [
        Difference(Kind.TAP_IN, name, was[name], is_now[name])
        for name in was
        if was[name] != is_now[name]
    ]
    overall = [] if score is None else [Difference(None, "score", None, score)]
    assert differences(one, other) == [*overall, *wanted]
    assert differences(one, one) == []


def test_a_kind_that_only_one_of_them_has_is_a_difference() -> None:
    one = Indicator.unscored(Status.INSUFFICIENT_DATA, "", (_PART,))
    other = replace(one, contributions=())
    assert [(d.kind, d.published, d.recomputed) for d in differences(one, other)] == [
        (Kind.TAP_IN, True, False)
    ]
