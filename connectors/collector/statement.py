"""What an xAPI statement has to be: the parts of the 1.0.3 specification that say who did what.

Unknown properties are refused where the specification refuses them; so is `null`, extensions aside.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_IRI: Final = r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+$"
Iri = Annotated[str, Field(pattern=_IRI, max_length=2048)]
Texts = Mapping[str, str]
Extensions = Mapping[Iri, Any]


def _mailto(text: str) -> str:
    if not text.startswith("mailto:") or "@" not in text:
        raise ValueError("an mbox is written mailto:somebody@example.org")
    return text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Account(_Part):
    """Who somebody is in a system."""

    homePage: Iri
    name: Annotated[str, Field(min_length=1, max_length=1024)]


class _Actor(_Part):
    name: str | None = None
    mbox: Annotated[str, AfterValidator(_mailto)] | None = None
    mbox_sha1sum: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{40}$")] | None = None
    openid: Iri | None = None
    account: Account | None = None
    member: Sequence["Agent"] | None = None

    @property
    def identifiers(self) -> int:
        """How many ways of naming it are given."""
        given = (self.mbox, self.mbox_sha1sum, self.openid, self.account)
        return sum(one is not None for one in given)


class Agent(_Actor):
    """A person or a group."""

    objectType: Literal["Agent", "Group"] = "Agent"

    @model_validator(mode="after")
    def _is_identified(self) -> Self:
        is_anonymous_group = self.objectType == "Group" and self.member is not None
        if self.identifiers != 1 and not (is_anonymous_group and self.identifiers == 0):
            raise ValueError("name it by exactly one of mbox, mbox_sha1sum, openid and account")
        if self.objectType == "Agent" and self.member is not None:
            raise ValueError("only a Group has members")
        return self


class Verb(_Part):
    """What was done."""

    id: Iri
    display: Texts | None = None


class Definition(_Part):
    """What an activity is."""

    model_config = ConfigDict(extra="ignore")  # the many forms of questions are not looked at
    type: Iri | None = None
    name: Texts | None = None
    description: Texts | None = None
    extensions: Extensions | None = None


class Object(_Actor):
    """What it was done to: an activity, somebody, another statement, or one within this one."""

    objectType: Literal[
        "Activity",
        "GroupActivity",  # of Open edX, for a course taken together; an activity all the same
        "Agent",
        "Group",
        "StatementRef",
        "SubStatement",
    ] = "Activity"
    id: str | None = None
    definition: Definition | None = None
    actor: Agent | None = None
    verb: Verb | None = None
    object: Mapping[str, Any] | None = None
    result: Mapping[str, Any] | None = None
    context: Mapping[str, Any] | None = None
    timestamp: str | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        match self.objectType:
            case "Activity" | "GroupActivity" | "StatementRef":
                is_complete = self.id is not None and (
                    self.objectType == "StatementRef" or ":" in self.id
                )
                needed = "an id, of an activity an IRI"
            case "SubStatement":
                is_complete = None not in (self.actor, self.verb, self.object)
                needed = "actor, verb and object"
            case _:
                is_complete = self.identifiers == 1 or self.member is not None
                needed = "exactly one of mbox, mbox_sha1sum, openid and account"
        if not is_complete:
            raise ValueError(f"an object of the type {self.objectType} needs {needed}")
        return self


class Score(_Part):
    """How well."""

    scaled: Annotated[float, Field(ge=-1, le=1)] | None = None
    raw: float | None = None
    min: float | None = None
    max: float | None = None


class Result(_Part):
    """What came of it."""

    score: Score | None = None
    success: bool | None = None
    completion: bool | None = None
    response: str | None = None
    duration: Annotated[str, Field(pattern=r"^P")] | None = None
    extensions: Extensions | None = None


class Related(_Part):
    """An activity that another one belongs to. Open edX writes ids and types of its own here."""

    objectType: str = "Activity"
    id: str
    definition: Definition | None = None


def _several(value: object) -> object:
    return value if isinstance(value, list) else [value]


Relation = Annotated[Sequence[Related], BeforeValidator(_several)]


class Activities(_Part):
    """What a statement's activity belongs to."""

    parent: Relation = ()
    grouping: Relation = ()
    category: Relation = ()
    other: Relation = ()

    def surroundings(self) -> list[Related]:
        """Parents first, then groupings."""
        return [*self.parent, *self.grouping]


class Context(_Part):
    """Where it was done."""

    registration: str | None = None
    instructor: Agent | None = None
    team: Agent | None = None
    contextActivities: Activities | None = None
    revision: str | None = None
    platform: str | None = None
    language: str | None = None
    statement: Mapping[str, str] | None = None
    extensions: Extensions | None = None


class Statement(_Part):
    """Somebody did something."""

    id: str | None = None
    actor: Agent
    verb: Verb
    object: Object
    result: Result | None = None
    context: Context | None = None
    timestamp: str | None = None
    stored: str | None = None
    authority: Agent | None = None
    version: Annotated[str, Field(pattern=r"^1\.0(\.\d+)?$")] | None = None
    attachments: Sequence[Mapping[str, Any]] | None = None


def nulls(value: object, where: str = "") -> str | None:
    """Where a document says null, extensions aside; None if it does not."""
    if value is None:
        return where
    inner: Sequence[tuple[object, object]] = ()
    if isinstance(value, dict):
        inner = [(name, one) for name, one in value.items() if name != "extensions"]
    elif isinstance(value, list):
        inner = list(enumerate(value))
    for name, one in inner:
        if isinstance(one, dict | list) or one is None:
            found = nulls(one, f"{where}.{name}" if where else str(name))
            if found is not None:
                return found
    return None
