"""What differs between two policies, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from scoring.policy import Policy

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None

_NAME: Final = "name"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not the same in both."""

    path: str
    """From the root of the document; rules are named, others counted: `alerts.silence.rule`."""
    before: Json
    """None where the first policy has no such field."""
    after: Json
    """None where the second policy has no such field."""

    def __str__(self) -> str:
        """Give a line for people."""
        return f"{self.path}: {_shown(self.before)} -> {_shown(self.after)}"


def policy_diff(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """Give what differs, defaults included, in order of paths; nothing for equal policies."""
    return tuple(_differences("", _meaning(before), _meaning(after)))


def _meaning(policy: Policy) -> Json:
    meaning: Json = policy.model_dump(mode="json")
    return meaning


def _differences(path: str, before: Json, after: Json) -> Iterator[Difference]:
    if before == after:
        return
    left, right = _fields(before), _fields(after)
    if left is None or right is None:
        yield Difference(path, before, after)
        return
    for name in sorted({*left, *right}):
        yield from _differences(f"{path}.{name}" if path else name, left.get(name), right.get(name))


def _fields(value: Json) -> Mapping[str, Json] | None:
    """Give the parts of a value that are told one by one; None of one that is told as a whole."""
    match value:
        case dict():
            return value
        case [dict(), *_]:
            return {_key(place, item): item for place, item in enumerate(value)}
    return None


def _key(place: int, item: Json) -> str:
    name = item.get(_NAME) if isinstance(item, dict) else None
    return name if isinstance(name, str) else str(place)


def _shown(value: Json) -> str:
    return "nothing" if value is None else str(value)
