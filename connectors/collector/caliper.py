"""From Caliper envelopes, 1.1 and 1.2, to activities: docs/connectors/collector.md."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.collector.documents import canonical, moment, problems, uuid
from connectors.collector.heard import Activity, Heard, Passed
from connectors.collector.persons import Names, Person
from connectors.collector.places import fields_of_kind, short
from connectors.collector.refusal import Invalid
from connectors.collector.vocabulary import Vocabulary
from schemas.types import Kind

STANDARD: Final = "caliper"
VERSIONS: Final = re.compile(r"^http://purl\.imsglobal\.org/ctx/caliper/v1p[12]\b")
_URN: Final = "urn:uuid:"
_EVENT: Final = "Event"
_COURSES: Final = ("CourseOffering", "CourseSection")

Entity = str | Mapping[str, Any]
"""An IRI, or a description that holds one."""


class Envelope(BaseModel):
    """What a sensor sends at a time."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    sensor: Annotated[str, Field(min_length=1)]
    sendTime: str
    dataVersion: str
    data: Sequence[Mapping[str, Any]]


class Event(BaseModel):
    """Something that happened; what Caliper adds to it is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)
    id: str
    type: Annotated[str, Field(min_length=1)]
    actor: Entity
    action: Annotated[str, Field(min_length=1)]
    object: Entity
    eventTime: str
    target: Entity | None = None
    group: Entity | None = None


def open_envelope(document: object) -> Sequence[Mapping[str, Any]]:
    """What lies in an envelope; Invalid says why it is none."""
    try:
        envelope = Envelope.model_validate(document)
    except ValidationError as error:
        raise problems(error, "envelope") from error
    moment(envelope.sendTime, "envelope.sendTime")
    if not VERSIONS.match(envelope.dataVersion):
        raise Invalid(
            f"envelope.dataVersion is {envelope.dataVersion[:80]!r}: this collector takes Caliper"
            " 1.1 and 1.2 (http://purl.imsglobal.org/ctx/caliper/v1p2)"
        )
    return envelope.data


def hear(
    document: Mapping[str, Any], names: Names, vocabulary: Vocabulary, now_ms: int, where: str
) -> Heard:
    """What an event says; Invalid says why it is none. A description of an entity is passed over.

    `where`: its place in the request.
    """
    raw = canonical(document)
    if "action" not in document and not str(document.get("type", "")).endswith(_EVENT):
        name = document.get("id")
        if not isinstance(name, str) or not name or "type" not in document:
            raise Invalid(f"{where}: neither an event nor an entity: it needs id and type")
        return Heard(STANDARD, "", now_ms, now_ms, raw, Passed("entity"))
    try:
        event = Event.model_validate(document)
    except ValidationError as error:
        raise problems(error, where) from error
    if not event.id.startswith(_URN):
        raise Invalid(f"{where}.id is {event.id[:60]!r}: write {_URN} and a UUID")
    name = uuid(event.id[len(_URN) :], f"{where}.id")
    at = moment(event.eventTime, f"{where}.eventTime")
    return Heard(STANDARD, name, at, now_ms, raw, _said(event, names, vocabulary))


def _said(event: Event, names: Names, vocabulary: Vocabulary) -> Activity | Passed:
    kind = vocabulary.caliper(event.type, event.action, _type(event.object))
    if kind is None:
        return Passed("other_event")
    if isinstance(event.actor, Mapping) and _type(event.actor) != "Person":
        return Passed("no_person")
    person = _person(event.actor, names)
    if person is None:
        return Passed("nameless_actor")
    return Activity(kind, person.scheme, person.identifier, _fields(event, kind))


def _person(actor: Entity, names: Names) -> Person | None:
    iri = _iri(actor)
    return names.iri(iri) if iri else None


def _iri(entity: Entity | None) -> str:
    found = entity.get("id") if isinstance(entity, Mapping) else entity
    return found if isinstance(found, str) else ""


def _type(entity: Entity) -> str:
    found = entity.get("type") if isinstance(entity, Mapping) else None
    return found if isinstance(found, str) else ""


def _fields(event: Event, kind: Kind) -> dict[str, str]:
    place = _iri(event.object)
    module = short(_iri(event.group))
    if not module and _type(event.object) in _COURSES:
        module = short(place)
    return fields_of_kind(kind, module=module, place=place)
