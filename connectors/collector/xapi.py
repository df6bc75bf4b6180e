"""From xAPI statements to activities: docs/connectors/collector.md."""

from collections.abc import Mapping
from typing import Final
from uuid import NAMESPACE_URL, uuid4, uuid5

from pydantic import ValidationError

from connectors.collector.documents import canonical, moment, problems, uuid
from connectors.collector.heard import Activity, Heard, Passed
from connectors.collector.persons import Names, Person
from connectors.collector.places import fields_of_kind, short
from connectors.collector.refusal import Invalid
from connectors.collector.statement import Agent, Statement, nulls
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


def hear(document: object, names: Names, vocabulary: Vocabulary, now_ms: int, where: str) -> Heard:
    """What a statement says; Invalid says why it is none. `where`: its place in the request.

    A statement without an id gets one: with a timestamp, that of its content, so that sending it
    again is a repeat; without, a random one.
    """
    try:
        statement = Statement.model_validate(document)
    except ValidationError as error:
        raise problems(error, where) from error
    null = nulls(document)
    if null is not None:
        raise Invalid(f"{where}.{null} is null: leave out what is not known")
    raw = canonical(document)
    if statement.id is not None:
        name = uuid(statement.id, f"{where}.id")
    else:
        name = str(uuid4() if statement.timestamp is None else uuid5(NAMESPACE_URL, raw.decode()))
    at = now_ms
    if statement.timestamp is not None:
        at = moment(statement.timestamp, f"{where}.timestamp")
    said = _said(statement, names, vocabulary)
    return Heard(STANDARD, name, at, now_ms, raw, said, statement.timestamp is not None)


def _said(statement: Statement, names: Names, vocabulary: Vocabulary) -> Activity | Passed:
    if statement.verb.id == VOIDED:
        return Passed("voided")
    target = statement.object
    if target.objectType not in ("Activity", "GroupActivity"):
        return Passed("no_activity")
    event = _moodle_event(statement)
    object_type = (target.definition.type or "") if target.definition is not None else ""
    kind = vocabulary.xapi(statement.verb.id, object_type, event)
    if kind is None:
        return Passed("other_event")
    if statement.actor.objectType == "Group":
        return Passed("group")
    person = _person(statement.actor, names)
    if person is None:
        return Passed("nameless_actor")
    return Activity(
        kind, person.scheme, person.identifier, _fields(statement, kind, event, object_type)
    )


def _person(actor: Agent, names: Names) -> Person | None:
    """None where nothing says who it is that could be looked up: a hashed address, an OpenID."""
    if actor.account is not None:
        return names.account(actor.account.homePage, actor.account.name)
    return names.mail(actor.mbox) if actor.mbox is not None else None


def _moodle_event(statement: Statement) -> str:
    extensions = statement.context.extensions if statement.context is not None else None
    info = (extensions or {}).get(_INFO)
    name = info.get("event_name") if isinstance(info, Mapping) else None
    return name if isinstance(name, str) else ""


def _fields(statement: Statement, kind: Kind, event: str, object_type: str) -> dict[str, str]:
    place = statement.object.id or ""
    around = []
    if statement.context is not None and statement.context.contextActivities is not None:
        around = statement.context.contextActivities.surroundings()
    courses = [place] if object_type in _COURSE else []
    courses += [
        one.id for one in around if one.definition is not None and one.definition.type in _COURSE
    ]
    module = next((found for found in map(short, courses) if found != _SITE_COURSE), "")
    component = event[1:].partition("\\")[0]
    return fields_of_kind(kind, module=module, place=place, component=component)
