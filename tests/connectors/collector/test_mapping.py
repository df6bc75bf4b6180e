"""Whatever JSON is sent becomes something that was heard, or a sentence: never anything else."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.collector import caliper, xapi
from connectors.collector.documents import parse
from connectors.collector.heard import Activity, Heard
from connectors.collector.persons import Person
from connectors.collector.refusal import Refusal
from connectors.collector.vocabulary import KINDS, XAPI, Rule, Vocabulary, of_moodle_event
from connectors.moodle import events as moodle
from connectors.moodle.events import kinds_of
from connectors.schemes import Scheme
from schemas.types import Kind
from tests.connectors.collector.face import MOODLE, NAMES, envelope, event, statement
from tests.connectors.world import NOW_MS

TEXTS = st.text(max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
WORDS = st.sampled_from(
    [
        *("id", "actor", "verb", "object", "timestamp", "account", "name", "mbox", "definition"),
        *("type", "context", "extensions", "objectType", "member", "action", "eventTime", "data"),
    ]
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | TEXTS, inner, max_size=4),
    max_leaves=12,
)


def heard(document: object) -> Heard:
    (found,) = xapi.hear([document], NAMES, Vocabulary(), NOW_MS)
    return found


def spoiled(valid: dict[str, object]) -> st.SearchStrategy[dict[str, object]]:
    """A valid document, some of whose parts were replaced or removed."""
    changed = st.dictionaries(st.sampled_from(sorted(valid)), JSON, max_size=2)
    removed = st.sets(st.sampled_from(sorted(valid)), max_size=1)
    return st.builds(
        lambda new, gone: {
            name: value for name, value in {**valid, **new}.items() if name not in gone
        },
        changed,
        removed,
    )


def outcome(made: Callable[[], Sequence[Heard]]) -> Sequence[Heard] | str:
    """What was heard, or why nothing was; whatever else is raised is a defect."""
    try:
        return made()
    except Refusal as refusal:
        return str(refusal)


@given(JSON | spoiled(statement()))
def test_any_json_is_a_statement_or_a_sentence(document: object) -> None:
    found = outcome(lambda: [heard(document)])
    assert found
    if not isinstance(found, str):
        assert found[0].id
        assert json.loads(found[0].raw) == document


@given(JSON | spoiled(event()))
def test_any_json_is_an_event_or_a_sentence(document: object) -> None:
    found = outcome(
        lambda: [
            caliper.hear(one, NAMES, Vocabulary(), NOW_MS, "data[0]")
            for one in caliper.open_envelope(envelope(document))
        ]
    )
    assert found
    if not isinstance(found, str):
        assert json.loads(found[0].raw) == document


@given(spoiled(envelope(event())) | JSON)
def test_any_json_is_an_envelope_or_a_sentence(document: object) -> None:
    def opened() -> Sequence[Heard]:
        caliper.open_envelope(document)
        return []

    assert outcome(opened) != ""


@given(st.binary(max_size=40))
def test_any_bytes_are_json_or_a_sentence(body: bytes) -> None:
    def parsed() -> Sequence[Heard]:
        parse(body)
        return []

    assert outcome(parsed) != ""


MOODLE_EVENTS = [
    *(moodle.LOGIN, moodle.FAILED_LOGIN, moodle.LOGGED_IN_AS, moodle.FEEDBACK_VIEW),
    *moodle.SUBMISSIONS,
    *moodle.SUBMISSION_VIEWS,
    r"\core\event\course_viewed",
    r"\core\event\course_module_viewed",
    r"\mod_quiz\event\attempt_viewed",
    r"\mod_quiz\event\attempt_submitted",
    r"\core\event\user_loggedout",
]


@given(
    st.sampled_from(MOODLE_EVENTS)
    | st.from_regex(re.compile(r"\\mod_\w+\\event\\\w*viewed\n?", re.ASCII))
    | TEXTS
)
def test_an_event_of_moodle_is_what_it_is_in_moodles_log(name: str) -> None:
    kinds = kinds_of(pl.Series([name], dtype=pl.String), pl.Series(["web"], dtype=pl.String))
    in_the_log = [kind for kind, mask in kinds.of.items() if mask[0]]
    assert in_the_log == [kind for kind in [of_moodle_event(name)] if kind is not None]


def of_moodle(name: str, **changed: Any) -> Heard:
    info = {"http://lrs.learninglocker.net/define/extensions/info": {"event_name": name}}
    return heard(statement(context={"extensions": info}, **changed))


def test_what_moodle_says_of_its_event_goes_before_verb_and_type() -> None:
    said = of_moodle(r"\mod_assign\event\feedback_viewed").said
    assert isinstance(said, Activity)
    assert said.kind is Kind.FASER_VIEW


def test_a_submission_names_its_course_and_its_assignment_as_the_log_does() -> None:
    course = {
        "id": f"{MOODLE}/course/view.php?id=2",
        "definition": {"type": "https://w3id.org/xapi/cmi5/activitytype/course"},
    }
    submission = {
        "id": f"{MOODLE}/mod/assign/view.php?id=31#submission",
        "definition": {
            "type": "https://xapi.edlm/profiles/edlm-lms/concepts/activity-types/submission"
        },
    }
    found = heard(
        statement(
            verb={"id": "http://activitystrea.ms/schema/1.0/submit"},
            object=submission,
            context={"contextActivities": {"parent": course}},
        )
    )
    assert found.said == Activity(
        Kind.FASER_UPLOAD, Scheme.MOODLE, "7", {"module": "2", "assignment": "31"}
    )


def test_a_viewing_of_a_recording_counts_once_however_often_it_is_stopped() -> None:
    video = {"id": "https://v.example/1", "definition": {"type": XAPI_VIDEO}}
    kinds = [
        getattr(heard(statement(object=video, verb={"id": verb})).said, "kind", None)
        for verb in (
            "http://adlnet.gov/expapi/verbs/initialized",
            "https://w3id.org/xapi/video/verbs/played",
            "https://w3id.org/xapi/video/verbs/paused",
            "https://w3id.org/xapi/video/verbs/played",
            "http://adlnet.gov/expapi/verbs/terminated",
        )
    ]
    assert kinds == [Kind.LISTEN_AGAIN, None, None, None, None]


XAPI_VIDEO = "https://w3id.org/xapi/video/activity-type/video"


def test_a_senders_own_rules_go_first() -> None:
    view = statement()
    verb = "http://id.tincanapi.com/verb/viewed"
    own = Vocabulary([Rule(verb, Kind.READING_LIST)])
    (found,) = xapi.hear([view], NAMES, own, NOW_MS)
    assert isinstance(found.said, Activity)
    assert found.said.kind is Kind.READING_LIST


def test_every_kind_that_the_rules_lead_to_may_be_carried() -> None:
    assert {rule.kind for rule in XAPI} == set(KINDS)


@pytest.mark.parametrize(
    ("iri", "person"),
    [
        (f"{MOODLE}/user/007", Person(Scheme.MOODLE, "007")),
        ("https://elsewhere.example/people/ada", Person(Scheme.USERNAME, "ada")),
        ("urn:uuid:ada", Person(Scheme.USERNAME, "ada")),
        ("mailto:ada@example.org", Person(Scheme.EMAIL, "ada@example.org")),
        ("https://elsewhere.example/", Person(Scheme.USERNAME, "elsewhere.example")),
        ("mailto:", None),
        ("", None),
    ],
)
def test_people_are_found_behind_their_home_page_or_the_last_slash(
    iri: str, person: Person | None
) -> None:
    assert NAMES.iri(iri) == person
