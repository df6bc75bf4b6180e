"""Which verbs and types are which kind of activity: docs/connectors/collector.md.

A rule names a verb and the types of its object; the first that fits decides. A sender may have
rules of its own, which go first. Of Caliper, a verb is an event and its action, as in
`MediaEvent.Started`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.moodle.events import (
    FEEDBACK_VIEW,
    LOGIN,
    PAGE_VIEWS,
    SUBMISSION_VIEWS,
    SUBMISSIONS,
)
from schemas.types import Kind

_VIEWED: Final = (
    "http://id.tincanapi.com/verb/viewed",
    "http://adlnet.gov/expapi/verbs/experienced",
    "https://w3id.org/xapi/acrossx/verbs/viewed",
)
_LOGGED_IN: Final = (
    "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/login",
    "https://w3id.org/xapi/adl/verbs/logged-in",
    "http://adlnet.gov/expapi/verbs/logged-in",
    "https://brindlewaye.com/xAPITerms/verbs/loggedin/",
)
_SUBMITTED: Final = (
    "http://activitystrea.ms/schema/1.0/submit",
    "http://activitystrea.ms/submit",
)
_OPENED: Final = (
    # The xAPI video profile sends `initialized` once a viewing, and `played` after each pause.
    "http://adlnet.gov/expapi/verbs/initialized",
    "http://activitystrea.ms/schema/1.0/watch",
    *_VIEWED,
)
_EDLM: Final = "https://xapi.edlm/profiles/edlm-lms/concepts/activity-types/"
_ADL: Final = "http://adlnet.gov/expapi/activities/"
_TINCAN: Final = "http://id.tincanapi.com/activitytype/"
_RECORDINGS: Final = (
    "https://w3id.org/xapi/video/activity-type/video",
    "http://activitystrea.ms/schema/1.0/video",
    "http://activitystrea.ms/schema/1.0/audio",
    "https://w3id.org/xapi/acrossx/activities/video",
)
_COURSEWORK: Final = (f"{_EDLM}submission",)
_PAGES: Final = (
    "https://w3id.org/xapi/cmi5/activitytype/course",
    "https://w3id.org/xapi/acrossx/activities/webpage",
    "https://w3id.org/xapi/acrossx/activities/page",
    "https://w3id.org/xapi/acrossx/activities/face-to-face-discussion",
    "http://activitystrea.ms/collection",
    "http://xapi.org.au/contentprofile/activitytype/database",
    *(
        f"{_ADL}{name}"
        for name in (
            *("course", "module", "lesson", "lesson-content-page", "link", "media", "meeting"),
            *("assessment", "attempt", "cmi.interaction"),
        )
    ),
    *(
        f"{_TINCAN}{name}"
        for name in ("book", "chapter", "chat-channel", "discussion", "resource", "survey")
    ),
    *(
        f"{_EDLM}{name}"
        for name in (
            *("assignment", "feedback", "forum", "glossary", "glossary-entry", "wiki"),
            *("wiki-page", "workshop"),
        )
    ),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A verb and types of its object; without types it is whatever the object is."""

    verb: str
    kind: Kind
    types: frozenset[str] = frozenset()

    def fits(self, object_type: str) -> bool:
        """Whether it says what a statement with its verb is."""
        return not self.types or object_type in self.types


def _rules(verbs: Sequence[str], kind: Kind, types: Sequence[str] = ()) -> list[Rule]:
    return [Rule(verb, kind, frozenset(types)) for verb in verbs]


XAPI: Final[Sequence[Rule]] = [
    *_rules(_LOGGED_IN, Kind.MOODLE_LOGIN),
    *_rules(_SUBMITTED, Kind.FASER_UPLOAD, _COURSEWORK),
    *_rules(_VIEWED, Kind.FASER_VIEW, _COURSEWORK),
    *_rules(_OPENED, Kind.LISTEN_AGAIN, _RECORDINGS),
    *_rules(_VIEWED, Kind.MOODLE_COURSE, _PAGES),
]
CALIPER: Final[Sequence[Rule]] = [
    Rule("SessionEvent.LoggedIn", Kind.MOODLE_LOGIN),
    Rule("AssignableEvent.Submitted", Kind.FASER_UPLOAD),
    Rule("AssignableEvent.Reviewed", Kind.FASER_VIEW),
    Rule("MediaEvent.Started", Kind.LISTEN_AGAIN),
    Rule("NavigationEvent.NavigatedTo", Kind.MOODLE_COURSE),
    Rule("ViewEvent.Viewed", Kind.MOODLE_COURSE),
]
KINDS: Final = (
    Kind.MOODLE_COURSE,
    Kind.MOODLE_LOGIN,
    Kind.FASER_UPLOAD,
    Kind.FASER_VIEW,
    Kind.LISTEN_AGAIN,
)
"""What the rules above lead to."""
_PAGE: Final = re.compile(PAGE_VIEWS)


class Vocabulary:
    """The rules for one sender."""

    def __init__(self, own: Sequence[Rule] = ()) -> None:
        self._own = _by_verb(own)
        self._xapi = _by_verb((*own, *XAPI))
        self._caliper = _by_verb((*own, *CALIPER))

    def xapi(self, verb: str, object_type: str, moodle_event: str) -> Kind | None:
        """The kind of a statement. Where Moodle says which of its events it was, that decides."""
        kind = _kind(self._own if moodle_event else self._xapi, verb, object_type)
        return of_moodle_event(moodle_event) if moodle_event and kind is None else kind

    def caliper(self, event: str, action: str, object_type: str) -> Kind | None:
        """The kind of an event."""
        return _kind(self._caliper, f"{event}.{action}", object_type)


def _by_verb(rules: Sequence[Rule]) -> Mapping[str, Sequence[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.verb, []).append(rule)
    return found


def _kind(rules: Mapping[str, Sequence[Rule]], verb: str, object_type: str) -> Kind | None:
    return next((one.kind for one in rules.get(verb, ()) if one.fits(object_type)), None)


def of_moodle_event(name: str) -> Kind | None:
    """The kind of one of Moodle's events, as `connectors.moodle.events.kinds_of` has it."""
    if name == LOGIN:
        return Kind.MOODLE_LOGIN
    if name in SUBMISSIONS:
        return Kind.FASER_UPLOAD
    if name == FEEDBACK_VIEW or name in SUBMISSION_VIEWS:
        return Kind.FASER_VIEW
    return Kind.MOODLE_COURSE if _PAGE.fullmatch(name) else None
