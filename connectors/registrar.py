"""The one place that gives people pseudonyms: random numbers, and whose identifiers are whose.

Who a person is, is decided by the student number alone. A card that is passed on, or a username
that is given out again, would otherwise mix the records of two people: a row that says so is
refused, for a person to decide.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from connectors.identity import SiteKey, identity_hashes
from connectors.schemes import Scheme, normalised
from schemas.types import STUDENT_ID_LIMIT, StudentId

Draw: TypeAlias = Callable[[int], int]
"""A random number of at least 0 and below the limit, that nobody can foresee."""


@dataclass(frozen=True, slots=True)
class Known:
    """An identifier's hash, and whose it is; `student` is None where its owner was erased."""

    identity: bytes
    scheme: Scheme
    student: StudentId | None


class Conflict(Exception):
    """An identifier belongs to somebody else; the text says which."""


class Registrar:
    """Who is who, and who becomes who. `news` are what has to be published of it."""

    def __init__(
        self, site_key: SiteKey, known: Mapping[bytes, int], erased: set[bytes], draw: Draw
    ) -> None:
        self._site_key = site_key
        self._known = dict(known)
        self._erased = set(erased)
        self._taken = set(known.values())
        self._draw = draw
        self._news: list[Known] = []

    def register(self, identifiers: Mapping[Scheme, str]) -> StudentId | None:
        """The pseudonym of a person with these identifiers, the student number among them.

        None for one who was erased: identifiers that are new are suppressed with the others. Raises
        Conflict when an identifier is somebody else's; then nothing is remembered of the row.
        """
        hashes = {
            scheme: self._hash(scheme, identifier)
            for scheme, identifier in identifiers.items()
            if normalised(scheme, identifier)
        }
        if self._erased.intersection(hashes.values()):
            for scheme, identity in hashes.items():
                if identity not in self._erased:
                    self._erased.add(identity)
                    self._news.append(Known(identity, scheme, None))
            return None
        student = self._known.get(hashes[Scheme.STUDENT])
        for scheme, identity in hashes.items():
            if self._known.get(identity, student) != student:
                raise Conflict(
                    f"the {scheme} is that of another student number already: make it the other"
                    " person's past first, or correct the row"
                )
        number = StudentId(self._new_pseudonym() if student is None else student)
        for scheme, identity in hashes.items():
            if identity not in self._known:
                self._known[identity] = number
                self._news.append(Known(identity, scheme, number))
        return number

    def suppress(self, scheme: Scheme, identifier: str) -> int:
        """Erase the owner of an identifier, known or not; how many identifiers that takes out."""
        identity = self._hash(scheme, identifier)
        owner = self._known.get(identity)
        same = [known for known, student in self._known.items() if student == owner]
        new = [one for one in {identity, *same} if one not in self._erased]
        self._erased.update(new)
        self._news += [Known(one, scheme, None) for one in new]
        return len(new)

    def news(self) -> list[Known]:
        """What is new since the last call."""
        found, self._news = self._news, []
        return found

    def _new_pseudonym(self) -> int:
        while (number := self._draw(STUDENT_ID_LIMIT)) in self._taken:
            pass
        self._taken.add(number)
        return number

    def _hash(self, scheme: Scheme, identifier: str) -> bytes:
        return identity_hashes(self._site_key, scheme, [normalised(scheme, identifier)])[0]
