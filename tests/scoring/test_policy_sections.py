"""The parts of a policy beyond weights: each wrong one ends in a sentence with its path."""

from importlib.resources import files

import pytest

from schemas.errors import PolicyError
from scoring.policy import parse_policy

# The default policy has two of the four rules: the others are added to its end.
MORE_ALERTS = """\
  - name: drop_of_two_bands
    rule: band_drop
    bands: 2
    within_days: 7
    suggestion: ask what has changed
  - name: silent_for_14_days
    rule: no_activity
    counted_days: 14
    cool_down_days: 28
    suggestion: a friendly message
"""
DEFAULT = files("scoring").joinpath("policies/default.yaml").read_text() + MORE_ALERTS
REFUSED = (
    "which may never enter a score, an alert or the choice of rules: such attributes serve "
    "statistics on equality of opportunity only; remove it"
)
COMPLIANCE = """
compliance:
  rules:
    - name: contact
      rule: contact_points
      basis: sponsor guidance, paragraph 1
      kinds: [tap_in]
      at_least: 2
      within_days: 14
    - {name: missed, rule: missed_in_a_row, basis: the same, kinds: [tap_in], items: 10}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, origin="p")
    return str(caught.value).splitlines()


def changed(old: str, new: str, text: str = DEFAULT + COMPLIANCE) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_the_policies_that_ship_and_every_section_are_valid() -> None:
    policy = parse_policy(DEFAULT + COMPLIANCE)
    assert [rule.name for rule in policy.alerts] == [
        "very_low_on_7_closings",
        "coursework_overdue_and_silent",
        "drop_of_two_bands",
        "silent_for_14_days",
    ]
    assert [rule.name for rule in policy.compliance.rules] == ["contact", "missed"]
    assert policy.horizon_days == 84
    parse_policy(files("scoring").joinpath("policies/classic.yaml").read_text())


def off(*spans: str) -> str:
    return f"feeds: [attendance]\n    switched_off: [{', '.join(spans)}]"


MARCH = "{first: 2020-03-20, last: 2020-03-31, reason: closed}"
OVERRIDE = "  - where: {mode: [part_time]}\n    reason: part-time students have about half"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "saturation_share: 1",
            "saturation_per_week: 1",
            [
                "kinds.faser_upload.saturation_share: is missing: the measure share needs it",
                "kinds.faser_upload.saturation_per_week: does not go with the measure share; "
                "give saturation_share",
            ],
        ),
        (
            "saturation_per_week: 5",
            "part_time_window_days: 90",
            [
                "kinds.moodle_course.saturation_per_week: is missing: the measure days needs it",
                "kinds.moodle_course.part_time_window_days: 90 is above look_back_days 70: "
                "the window could never be filled",
            ],
        ),
        (
            "feeds: [attendance]",
            off("{first: 2020-03-20, last: 2020-03-19, reason: closed}"),
            ["kinds.tap_in.switched_off: ends before it starts: 2020-03-20 to 2020-03-19"],
        ),
        (
            "feeds: [attendance]",
            off("{first: 2020-03-31, last: 2020-04-30, reason: closed}", MARCH),
            ["kinds.tap_in.switched_off: 2020-03-31 is named by two spans"],
        ),
        (
            "shown:\n",
            "shown:\n  tap_in: {window_days: 71, reason: x}\n",
            [
                "shown.tap_in: is scored as well; name it once",
                "shown.tap_in.window_days: 71 is above look_back_days 70",
            ],
        ),
        (
            "shown:\n  library_loan:\n",
            "shown:\n  library_loan:\n    measure: share\n",
            ["shown.library_loan: a kind that is only shown is counted in events or days"],
        ),
        (
            "where: {level: [research]}",
            "where: {}",
            ["not_scored.0.where: must name at least one level or mode or programme or status"],
        ),
        (
            "where: {level: [research]}",
            "where: {levels: [research]}",
            ["not_scored.0.where.levels: unknown field; did you mean level?"],
        ),
        (
            "tap_in: {saturation_per_week: 1.5}",
            "library_loan: {weight: 1}",
            ["overrides.0.kinds.library_loan: is not scored by this policy, so nothing can differ"],
        ),
        (
            "tap_in: {saturation_per_week: 1.5}",
            "tap_in: {saturation_per_week: 8, window_days: 3}",
            [
                "overrides.0.kinds.tap_in.saturation_per_week: 8 is above 7, the days of a week",
                "overrides.0.kinds.tap_in.window_days: 3 is below minimum_counted_days 7: "
                "the kind could never count",
            ],
        ),
        (
            "    kinds:\n      tap_in: {saturation_per_week: 1.5}",
            "    thresholds: {low: 30, partial: 20, good: 65, high: 85}",
            ["overrides.0.thresholds: must ascend: partial 20 is not above low 30"],
        ),
        (
            "    kinds:\n      tap_in: {saturation_per_week: 1.5}",
            "    kinds: {}",
            ["overrides.0: must name kinds or thresholds that differ"],
        ),
        (
            "rule: band_drop",
            "rule: band_dorp",
            ["alerts.2: unknown rule; did you mean band_drop?"],
        ),
        ("    rule: band_drop\n", "", ["alerts.2: rule: is missing"]),
        (
            "name: drop_of_two_bands",
            "name: very_low_on_7_closings",
            ["alerts: the name very_low_on_7_closings is given 2 times"],
        ),
        (
            "band: very_low",
            "band: good",
            ["alerts.0.band_at_or_below.band: must be one of very_low, low, partial, not 'good'"],
        ),
        (
            "    counted_days: 14\n    cool_down_days: 28\n",
            "    counted_days: 14\n",
            ["alerts.3.no_activity.cool_down_days: is missing"],
        ),
        (
            "name: silent_for_14_days",
            "name: Silent!",
            [
                "alerts.3.no_activity.name: must be a name such as very_low_on_3_closings, "
                "not 'Silent!'"
            ],
        ),
        (
            "at_least: 2",
            "at_least: 15",
            ["compliance.rules.0.contact_points: at_least 15 is above within_days"],
        ),
        (
            "within_days: 14",
            "within_days: 71",
            [
                "compliance.rules.0.within_days: 71 is above look_back_days 70: the rule could "
                "never speak"
            ],
        ),
        (
            "kinds: [tap_in]\n      at_least",
            "kinds: [tap_in, library_loan]\n      at_least",
            [
                "compliance.rules.0.kinds: library_loan is not scored, so no closing waits for its "
                "feeds, and contact could be missed: name it among kinds, if with little weight"
            ],
        ),
        (
            "name: missed, rule",
            "name: contact, rule",
            ["compliance.rules: the name contact is given 2 times"],
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_path(old: str, new: str, told: list[str]) -> None:
    assert problems(changed(old, new)) == [f"p: {sentence}" for sentence in told]


def test_some_kind_keeps_its_weight_whichever_overrides_apply_together() -> None:
    kinds = parse_policy(DEFAULT).kinds
    nothing = "\n      ".join(f"{kind}: {{weight: 0}}" for kind in kinds)
    text = changed("tap_in: {saturation_per_week: 1.5}", nothing)
    assert problems(text) == [
        "p: overrides: must leave a kind its weight, whichever of them apply together"
    ]


def test_welfare_rules_are_no_compliance_rules_and_the_other_way_round() -> None:
    (sentence,) = problems(changed("rule: band_drop", "rule: contact_points"))
    assert sentence.startswith("p: alerts.2: unknown rule; known are band_at_or_below, ")
    (sentence,) = problems(changed("rule: contact_points", "rule: no_activity"))
    assert sentence.startswith("p: compliance.rules.0: unknown rule; known are contact_points, ")


@pytest.mark.parametrize(
    ("old", "new", "path", "subject"),
    [
        (
            "where: {level: [research]}",
            "where: {ethnicity: [x]}",
            "not_scored.0.where.ethnicity",
            0,
        ),
        (
            "where: {mode: [part_time]}",
            "where: {disability: [y]}",
            "overrides.0.where.disability",
            1,
        ),
        ("title: Default", "religion_weight: 3", "religion_weight", 2),
        ("title: Default", "sexual-orientation: 3", "sexual-orientation", 3),
        ("title: Default", "genderReassignment: 3", "genderReassignment", 4),
        ("  tap_in:\n", "  Health:\n    weight: 1\n  tap_in:\n", "kinds.Health", 5),
        ("band: very_low", "band: {Race: 1}", "alerts.0.band.Race", 6),
        ("level: [research]", "level: [research, disabled]", "not_scored.0.where.level.1", 1),
        ("status: [interrupted]", "status: [pregnancy-leave]", "not_scored.2.where.status.0", 7),
        ("feeds: [attendance]", "feeds: [disability.office]", "kinds.tap_in.feeds.0", 1),
        ("title: Default", "imd_band: 3", "imd_band", 8),
        ("title: Default", "nationality: 3", "nationality", 9),
    ],
)
def test_special_category_data_is_refused_wherever_it_is_named(
    old: str, new: str, path: str, subject: int
) -> None:
    subjects = [
        "ethnic origin",
        "disability",
        "religion or belief",
        "sexual orientation",
        "gender reassignment",
        "health",
        "racial origin",
        "pregnancy and maternity",
        "deprivation of an area",
        "nationality",
    ]
    (sentence,) = problems(changed(old, new))
    assert sentence.startswith(f"p: {path}: ")
    assert sentence.endswith(f"is about {subjects[subject]}, {REFUSED}")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("status: [interrupted]", "status: [sponsored]", "not_scored.2.where.status.0"),
        ("level: [research]", "level: [student-visa]", "not_scored.0.where.level.0"),
        ("title: Default", "immigration_status: 3", "immigration_status"),
    ],
)
def test_who_is_sponsored_selects_nobody_and_enters_no_score(old: str, new: str, path: str) -> None:
    (sentence,) = problems(changed(old, new))
    assert sentence.startswith(f"p: {path}: ")
    assert "is about immigration status, which may never enter a score" in sentence
    assert "`leap sponsorship`, to compliance rules alone; remove it" in sentence


@pytest.mark.parametrize(
    "programme", ["Religion and Theology", "MSc Public Health", "Disability Studies", "Gender"]
)
def test_subjects_may_be_called_what_they_like(programme: str) -> None:
    text = changed("where: {mode: [part_time]}", f"where: {{programme: [{programme}]}}")
    assert parse_policy(text).overrides[0].where.programme == (programme,)


@pytest.mark.parametrize(
    "name", ["listen_again", "average", "stage", "package", "advisable", "sponsor"]
)
def test_ordinary_words_are_not_taken_for_others(name: str) -> None:
    text = changed("level: [research]", f"level: [{name}]")
    assert parse_policy(text).not_scored[0].where.level == (name,)
