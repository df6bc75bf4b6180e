"""What a statement or an event says, in the same words whoever sent it."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.schemes import Scheme
from schemas.types import Kind


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that a student did."""

    kind: Kind
    scheme: Scheme
    person: str
    fields: Mapping[str, str]
    """The kind's own fields, all of them texts; one that is left out is null."""


@dataclass(frozen=True, slots=True)
class Passed:
    """Nothing that is observed; `rule` says why not."""

    rule: str


@dataclass(frozen=True, slots=True)
class Voiding:
    """Another statement is taken back: the one of this id."""

    statement: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One statement or event that is valid."""

    standard: str
    """xapi or caliper: ids of the two are apart."""
    id: str
    """Empty where a repeat with other content is no conflict: entities change."""
    occurred_at: int
    """UTC milliseconds."""
    recorded_at: int
    raw: bytes
    """It, in the form in which equals are equal."""
    said: Activity | Passed | Voiding
    is_dated: bool = True
    """False: nobody said when it occurred, so it was when it was received first."""
    is_voidable: bool = False
    """Whether its standard knows a way of taking it back."""
