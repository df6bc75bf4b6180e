"""From xAPI statements to activities: docs/connectors/collector.md."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import NAMESPACE_URL, uuid4, uuid5

from pydantic import ValidationError

from connectors.collector.documents import canonical, moment, null, problems, uuid
from connectors.collector.heard import Activity, Heard, Passed, Voiding
from connectors.collector.persons import Names, Person
from connectors.collector.places import fields_of_kind, short
from connectors.collector.refusal import Invalid
from connectors.collector.statement import Agent, Object, Statement, object_type, statements_of
from connectors.collector.vocabulary import Vocabulary
from schemas.types import Kind

STANDARD: Final = "xapi"
VOIDED: Final = "http://adlnet.gov/expapi/verbs/voided"
_COURSE: Final = (
    "https://w3id.org/xapi/cmi5/activitytype/course",
    "http://adlnet.gov/expapi/activities/course",
    "http://id.tincanapi.com/activitytype/lms/course",
)
_INFO: Final = "http://lrs.learninglocker.net/define/extensions/info"
"""Where Moodle's logstore_xapi says which event it was."""
_SITE_COURSE: Final = "1"
_WHERE: Final = "statements"


def hear(
    documents: Sequence[object], names: Names, vocabulary: Vocabulary, now_ms: int
) -> list[Heard]:
    """What statements say; Invalid says which is none, and why.

    A statement without an id gets one: with a timestamp, that of its content, so that sending it
    again is a repeat; without, a random one.
    """
    try:
        statements = statements_of(documents)
    except ValidationError as error:
        raise problems(error, _WHERE) from error
    return [
        _heard(document, statement, names, vocabulary, now_ms, at)
        for at, (document, statement) in enumerate(zip(documents, statements, strict=True))
    ]


def _heard(
    document: object,
    statement: Statement,
    names: Names,
    vocabulary: Vocabulary,
    now_ms: int,
    number: int,
) -> Heard:
    raw = canonical(document)
    if b"null" in raw and (place := null(document)) is not None:
        raise Invalid(f"{_WHERE}[{number}].{place} is null: leave out what is not known")
    own, timestamp = statement.get("id"), statement.get("timestamp")
    if own is not None:
        name = uuid(own, f"{_WHERE}[{number}].id")
    else:
        name = str(uuid4() if timestamp is None else uuid5(NAMESPACE_URL, raw.decode()))
    at = now_ms if timestamp is None else moment(timestamp, f"{_WHERE}[{number}].timestamp")
    said = _said(statement, names, vocabulary, number)
    return Heard(STANDARD, name, at, now_ms, raw, said, timestamp is not None, is_voidable=True)


def _said(
    statement: Statement, names: Names, vocabulary: Vocabulary, number: int
) -> Activity | Passed | Voiding:
    verb, target = statement["verb"]["id"], statement["object"]
    if verb == VOIDED:
        return _voiding(target, f"{_WHERE}[{number}].object")
    if object_type(target) not in ("Activity", "GroupActivity"):
        return Passed("no_activity")
    event = _moodle_event(statement)
    what = target.get("definition", {}).get("type", "")
    kind = vocabulary.xapi(verb, what, event)
    if kind is None:
        return Passed("other_event")
    if statement["actor"].get("objectType") == "Group":
        return Passed("group")
    person = _person(statement["actor"], names)
    if person is None:
        return Passed("nameless_actor")
    return Activity(kind, person.scheme, person.identifier, _fields(statement, kind, event, what))


def _voiding(target: Object, where: str) -> Voiding:
    if object_type(target) != "StatementRef":
        raise Invalid(f"{where} is no StatementRef: only statements are voided")
    return Voiding(uuid(target["id"], f"{where}.id"))


def _person(actor: Agent, names: Names) -> Person | None:
    """None where nothing says who it is that could be looked up: a hashed address, an OpenID."""
    if "account" in actor:
        return names.account(actor["account"]["homePage"], actor["account"]["name"])
    return names.mail(actor["mbox"]) if "mbox" in actor else None


def _moodle_event(statement: Statement) -> str:
    extensions = statement.get("context", {}).get("extensions")
    info = (extensions or {}).get(_INFO)
    name = info.get("event_name") if isinstance(info, Mapping) else None
    return name if isinstance(name, str) else ""


def _fields(statement: Statement, kind: Kind, event: str, what: str) -> dict[str, str]:
    place = statement["object"].get("id", "")
    around = statement.get("context", {}).get("contextActivities", {})
    courses = [place] if what in _COURSE else []
    courses += [
        one["id"]
        for one in (*around.get("parent", ()), *around.get("grouping", ()))
        if one.get("definition", {}).get("type") in _COURSE
    ]
    module = next((found for found in map(short, courses) if found != _SITE_COURSE), "")
    component = event[1:].partition("\\")[0]
    return fields_of_kind(kind, module=module, place=place, component=component)
