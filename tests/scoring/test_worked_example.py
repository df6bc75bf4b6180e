"""The example's policy, by hand, on a student whose studies began on day 1000."""

import pytest

from schemas.types import Band, Day, Kind, Status
from scoring.indicator import Contribution, Indicator
from scoring.reference import evaluate
from tests.scoring.example import EXAMPLE

BEGIN = Day(1000)
UPLOADS = {Day(1010): 1}
MOODLE = {Day(day): 7 for day in (1001, 1005, 1012, 1013, 1014, 1018, 1019, 1020, 1025, 1030)}


def indicator(complete: int, seen: int) -> Indicator:
    return evaluate(
        EXAMPLE,
        counts={Kind.MOODLE_COURSE: MOODLE, Kind.FASER_UPLOAD: UPLOADS},
        complete=Day(complete),
        as_of=Day(complete + 1),
        seen=Day(seen),
        weight_percent=lambda _: 100,
        counted=lambda _, day: day >= BEGIN,
    )


def test_a_closing_by_hand() -> None:
    # Moodle: days 1009 .. 1029 are 21 days, 7 of them with Moodle: 7 / 21 * 7 = 2 1/3 a week, of
    # 5 a week for all 3 points: 1.4 points. Uploads: days 1000 .. 1029 are 30 days (of 56), with
    # one upload: 1 / 30 * 7 = 0.2333 a week, of 0.25: 0.9333 of one point. (1.4 + 0.9333) / 4 is
    # 58.33 of 100: from 45 on, partial.
    assert indicator(complete=1029, seen=1029) == Indicator(
        Status.SCORED,
        Band.PARTIAL,
        58.33,
        "",
        (
            Contribution(Kind.FASER_UPLOAD, True, "", 1, 3000, 0.23, 0.93, 1.0),
            Contribution(Kind.MOODLE_COURSE, True, "", 7, 2100, 2.33, 1.4, 3.0),
        ),
    )


def test_the_day_in_progress_by_hand() -> None:
    # Day 1030 has Moodle: window (b), 1010 .. 1030, has 8 days of it: 2.67 a week, 1.6 points. It
    # has no upload: window (a) still decides there.
    assert indicator(complete=1029, seen=1030) == Indicator(
        Status.SCORED,
        Band.PARTIAL,
        63.33,
        "",
        (
            Contribution(Kind.FASER_UPLOAD, True, "", 1, 3000, 0.23, 0.93, 1.0),
            Contribution(Kind.MOODLE_COURSE, True, "", 8, 2100, 2.67, 1.6, 3.0),
        ),
    )


def test_a_student_of_six_days_has_no_band_and_the_reason_says_why() -> None:
    early = indicator(complete=1005, seen=1005)
    assert early == Indicator(
        Status.INSUFFICIENT_DATA,
        Band.NONE,
        None,
        "faser_upload: 6 of at least 7 days counted; moodle_course: 6 of at least 7 days counted",
        (
            Contribution(
                Kind.FASER_UPLOAD, False, "6 of at least 7 days counted", 0, 600, 0.0, 0.0, 1.0
            ),
            Contribution(
                Kind.MOODLE_COURSE, False, "6 of at least 7 days counted", 2, 600, 0.0, 0.0, 3.0
            ),
        ),
    )
    assert indicator(complete=1006, seen=1006).status is Status.SCORED


@pytest.mark.parametrize(
    ("silent", "status"),
    [
        (Kind.FASER_UPLOAD, Status.SCORED),  # 3 of 4 weights are left
        (Kind.MOODLE_COURSE, Status.INSUFFICIENT_DATA),  # 1 of 4, and half is needed
    ],
)
def test_a_dead_feed_leaves_its_kind_out_and_never_gives_a_low_band(
    silent: Kind, status: Status
) -> None:
    found = evaluate(
        EXAMPLE,
        counts={kind: {Day(day): 1 for day in range(900, 1001)} for kind in EXAMPLE.kinds},
        complete=Day(1000),
        as_of=Day(1001),
        seen=Day(1000),
        weight_percent=lambda _: 100,
        counted=lambda kind, _: kind is not silent,
    )
    assert found.status is status
    assert found.score == (100.0 if status is Status.SCORED else None)
    assert [part.kind for part in found.contributions if not part.counted] == [silent]
