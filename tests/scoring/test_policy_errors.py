"""Bad input ends in one sentence a problem, with the field's path or the line."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.errors import PolicyError
from scoring.policy import parse_policy
from tests.scoring.example import EXAMPLE_TEXT
from tests.scoring.worlds import patiently

YAML_SIGNS = "ab[]{}:, -!&*?#\n\t01.'\"|<>%@~"


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, origin="p.yaml")
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("moodle_course:", "moodle_curse:", ": unknown kind; did you mean moodle_course?"),
        ("measure: days", "measure: dais", ".measure: unknown measure; did you mean days?"),
        ("measure: days", "measure: 7", ".measure: unknown measure; known are events, days, share"),
        ("measure: days", "mesure: days", ".mesure: unknown field; did you mean measure?"),
        ("measure: days", "mesure: days", ".measure: is missing"),
        ("weight: 3", "weight: -3", ".weight: must be greater than 0, not -3"),
        ("weight: 3", "weight: .nan", ".weight: must be a finite number, not nan"),
        ("weight: 3", "weight: three", ".weight: must be a valid number, not 'three'"),
        ("[oulad.vle]", "[]", ".feeds: must not be empty"),
        ("[oulad.vle]", "vle", ".feeds: must be a list, not 'vle'"),
        ("[oulad.vle]", "[a, a]", ".feeds: a feed is named twice"),
        ("[oulad.vle]", "[A]", ".feeds.0: must be a feed's name, such as oulad.vle, not 'A'"),
        (
            "window_days: 21",
            "window_days: 71",
            ".window_days: 71 is above look_back_days 70: the window could never be filled",
        ),
        (
            "window_days: 21",
            "window_days: 6",
            ".window_days: 6 is below minimum_counted_days 7: the kind could never count",
        ),
        (
            "saturation_per_week: 5",
            "saturation_per_week: 7.5",
            ".saturation_per_week: 7.5 is above 7, the days of a week",
        ),
    ],
)
def test_a_problem_of_a_kind_is_told_with_its_path(old: str, new: str, problem: str) -> None:
    name = "moodle_curse" if "moodle_curse" in new else "moodle_course"
    assert f"p.yaml: kinds.{name}{problem}" in problems(EXAMPLE_TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("partial: 45", "partial: 20", "thresholds: must ascend: partial 20 is not above low 20"),
        (
            "partial: 45",
            "partial: 45.123",
            "thresholds.partial: must have at most two decimals, as scores have, not 45.123",
        ),
        ("high: 85", "high: 100", "thresholds.high: must be less than 100, not 100"),
        ("share: 0.5", "share: 2", "minimum_weight_share: must be less than or equal to 1, not 2"),
        ("version: 1", "version: yes", "version: must be a valid integer, not True"),
        ("2013-01-01", "soon", "valid_from: must be a valid date, not 'soon'"),
        (
            "title:",
            "look_back: 3\ntitle:",
            "look_back: unknown field; did you mean look_back_days?",
        ),
    ],
)
def test_a_problem_of_the_policy_is_told_with_its_path(old: str, new: str, problem: str) -> None:
    assert f"p.yaml: {problem}" in problems(EXAMPLE_TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\na: 2", "line 2, column 1: not YAML: a is given twice"),
        ("a:\n  - {b: 1, b: 2}", "line 2, column 12: not YAML: b is given twice"),
        ("a: 2013-02-30", "line 1, column 4: not YAML: '2013-02-30' is not a value of timestamp"),
        ("a: [1", "line 1, column 6: not YAML: while parsing a flow sequence: expected ',' or ']'"),
        ("a: !!bool b", "line 1, column 4: not YAML: 'b' is not a value of bool"),
        ("a: \0", "not YAML: unacceptable character #x0000"),
        ("[" * 5_000, "not a policy: nested too deeply"),
    ],
)
def test_what_is_not_yaml_is_told_with_its_line(text: str, problem: str) -> None:
    (sentence,) = problems(text)
    assert sentence.startswith(f"p.yaml: {problem}")


@pytest.mark.parametrize("text", ["", "- 1", "3", "just words"])
def test_what_is_no_mapping_is_no_policy(text: str) -> None:
    assert problems(text)[0].startswith("p.yaml: the document: must be a mapping of fields, not ")


def test_all_problems_are_told_at_once() -> None:
    text = EXAMPLE_TEXT.replace("weight: 3", "weight: 0").replace("high: 85", "high: hi")
    assert problems(text) == [
        "p.yaml: thresholds.high: must be a valid number, not 'hi'",
        "p.yaml: kinds.moodle_course.weight: must be greater than 0, not 0",
    ]
    required = [problem.split(": ")[1] for problem in problems("{}")]
    assert required == [
        "version",
        "valid_from",
        "title",
        "minimum_counted_days",
        "minimum_weight_share",
        "thresholds",
        "kinds",
    ]


@given(st.text() | st.text(YAML_SIGNS))
@patiently
@example("a: &b [*b]")
@example("? [1, 2]\n: 3")
@example("<<: 3")
@example("\ud800")
def test_no_text_ends_in_anything_but_a_policy_error(text: str) -> None:
    with pytest.raises(PolicyError, match=r"^policy: "):
        parse_policy(text)


@given(st.integers(0, len(EXAMPLE_TEXT)), st.integers(0, 30), st.text(YAML_SIGNS, max_size=8))
@patiently
def test_no_damage_to_a_policy_ends_in_a_traceback(place: int, length: int, new: str) -> None:
    with suppress(PolicyError):
        parse_policy(EXAMPLE_TEXT[:place] + new + EXAMPLE_TEXT[place + length :])
