"""What an xAPI statement has to be: the parts of the 1.0.3 specification that say who did what.

Unknown properties are refused where the specification refuses them; so is `null`, extensions aside.

The parts are dictionaries, as they are sent, and a list of statements is validated by one call: of
2,000 statements a second, objects took a fifth of a core. Types are `dict` and `list`, since for
`Mapping` and `Sequence` pydantic comes back to Python for each value.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    TypeAdapter,
    with_config,
)
from typing_extensions import TypedDict

_IRI: Final = r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+$"
_STRICT: Final = ConfigDict(extra="forbid", strict=True)
Iri = Annotated[str, Field(pattern=_IRI, max_length=2048)]
Texts = dict[str, str]
Extensions = dict[Iri, Any]


def _mailto(text: str) -> str:
    if not text.startswith("mailto:") or "@" not in text:
        raise ValueError("an mbox is written mailto:somebody@example.org")
    return text


@with_config(_STRICT)
class Account(TypedDict):
    """Who somebody is in a system."""

    homePage: Iri
    name: Annotated[str, Field(min_length=1, max_length=1024)]


class _Actor(TypedDict):
    name: NotRequired[str]
    mbox: NotRequired[Annotated[str, AfterValidator(_mailto)]]
    mbox_sha1sum: NotRequired[Annotated[str, Field(pattern=r"^[0-9a-fA-F]{40}$")]]
    openid: NotRequired[Iri]
    account: NotRequired[Account]
    member: NotRequired[list["Agent"]]


_IDENTIFIERS: Final = frozenset({"mbox", "mbox_sha1sum", "openid", "account"})


@with_config(_STRICT)
class _Agent(_Actor):
    objectType: NotRequired[Literal["Agent", "Group"]]


def _is_identified(agent: _Agent) -> _Agent:
    identifiers = len(_IDENTIFIERS & agent.keys())
    is_group = agent.get("objectType") == "Group"
    if identifiers != 1 and not (is_group and "member" in agent and identifiers == 0):
        raise ValueError("name it by exactly one of mbox, mbox_sha1sum, openid and account")
    if not is_group and "member" in agent:
        raise ValueError("only a Group has members")
    return agent


Agent = Annotated[_Agent, AfterValidator(_is_identified)]
"""A person or a group."""


@with_config(_STRICT)
class Verb(TypedDict):
    """What was done."""

    id: Iri
    display: NotRequired[Texts]


@with_config(ConfigDict(extra="ignore", strict=True))  # the many forms of questions
class Definition(TypedDict):
    """What an activity is."""

    type: NotRequired[Iri]
    name: NotRequired[Texts]
    description: NotRequired[Texts]
    extensions: NotRequired[Extensions | None]


@with_config(_STRICT)
class _Object(_Actor):
    objectType: NotRequired[
        Literal[
            "Activity",
            "GroupActivity",  # of Open edX, for a course taken together; an activity all the same
            "Agent",
            "Group",
            "StatementRef",
            "SubStatement",
        ]
    ]
    id: NotRequired[str]
    definition: NotRequired[Definition]
    actor: NotRequired[Agent]
    verb: NotRequired[Verb]
    object: NotRequired[dict[str, Any]]
    result: NotRequired[dict[str, Any]]
    context: NotRequired[dict[str, Any]]
    timestamp: NotRequired[str]


def object_type(target: _Object) -> str:
    """What sort of object it is; an activity, where it does not say."""
    return target.get("objectType", "Activity")


def _is_complete(target: _Object) -> _Object:
    match object_type(target):
        case "Activity" | "GroupActivity":
            is_complete = ":" in target.get("id", "")
            needed = "an id, of an activity an IRI"
        case "StatementRef":
            is_complete = "id" in target
            needed = "an id"
        case "SubStatement":
            is_complete = {"actor", "verb", "object"} <= target.keys()
            needed = "actor, verb and object"
        case _:
            is_complete = len(_IDENTIFIERS & target.keys()) == 1 or "member" in target
            needed = "exactly one of mbox, mbox_sha1sum, openid and account"
    if not is_complete:
        raise ValueError(f"an object of the type {object_type(target)} needs {needed}")
    return target


Object = Annotated[_Object, AfterValidator(_is_complete)]
"""What it was done to: an activity, somebody, another statement, or one within this one."""


@with_config(_STRICT)
class Score(TypedDict):
    """How well."""

    scaled: NotRequired[Annotated[float, Field(ge=-1, le=1)]]
    raw: NotRequired[float]
    min: NotRequired[float]
    max: NotRequired[float]


@with_config(_STRICT)
class Result(TypedDict):
    """What came of it."""

    score: NotRequired[Score]
    success: NotRequired[bool]
    completion: NotRequired[bool]
    response: NotRequired[str]
    duration: NotRequired[Annotated[str, Field(pattern=r"^P")]]
    extensions: NotRequired[Extensions | None]


@with_config(_STRICT)
class Related(TypedDict):
    """An activity that another one belongs to. Open edX writes ids and types of its own here."""

    objectType: NotRequired[str]
    id: str
    definition: NotRequired[Definition]


def _several(value: object) -> object:
    return value if isinstance(value, list) else [value]


Relation = Annotated[list[Related], BeforeValidator(_several)]


@with_config(_STRICT)
class Activities(TypedDict):
    """What a statement's activity belongs to."""

    parent: NotRequired[Relation]
    grouping: NotRequired[Relation]
    category: NotRequired[Relation]
    other: NotRequired[Relation]


@with_config(_STRICT)
class Context(TypedDict):
    """Where it was done."""

    registration: NotRequired[str]
    instructor: NotRequired[Agent]
    team: NotRequired[Agent]
    contextActivities: NotRequired[Activities]
    revision: NotRequired[str]
    platform: NotRequired[str]
    language: NotRequired[str]
    statement: NotRequired[Texts]
    extensions: NotRequired[Extensions | None]


@with_config(_STRICT)
class Statement(TypedDict):
    """Somebody did something."""

    id: NotRequired[str]
    actor: Agent
    verb: Verb
    object: Object
    result: NotRequired[Result]
    context: NotRequired[Context]
    timestamp: NotRequired[str]
    stored: NotRequired[str]
    authority: NotRequired[Agent]
    version: NotRequired[Annotated[str, Field(pattern=r"^1\.0(\.\d+)?$")]]
    attachments: NotRequired[list[dict[str, Any]]]


_STATEMENTS: Final = TypeAdapter(Annotated[list[Statement], FailFast()])


def statements_of(documents: Sequence[object]) -> Sequence[Statement]:
    """Each as a statement; pydantic's ValidationError says why one is none: the first such.

    A `null` in places whose content is not looked at is left to `documents.null`.
    """
    return _STATEMENTS.validate_python(documents)
