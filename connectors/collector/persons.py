"""How the systems of a sender name people: which scheme, and what of a name is the identifier."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.schemes import Scheme, normalised


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as a connector looks people up."""

    scheme: Scheme
    identifier: str


@dataclass(frozen=True, slots=True)
class Names:
    """What a sender's accounts are: by the home page of xAPI, or the beginning of Caliper's IRIs.

    The longest home page that fits decides; where none does, the account is of `otherwise`.
    """

    accounts: Mapping[str, Scheme]
    otherwise: Scheme
    _pages: Mapping[str, Scheme] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pages = {page.rstrip("/"): scheme for page, scheme in self.accounts.items()}
        object.__setattr__(self, "_pages", pages)

    def account(self, home_page: str, name: str) -> Person | None:
        """An xAPI account."""
        return _person(self._pages.get(home_page.rstrip("/"), self.otherwise), name)

    def iri(self, iri: str) -> Person | None:
        """A person of Caliper: what follows the home page, or else the last slash."""
        if iri.lower().startswith("mailto:"):
            return self.mail(iri)
        fitting = [page for page in self.accounts if iri.startswith(page)]
        if fitting:
            page = max(fitting, key=len)
            return _person(self.accounts[page], iri[len(page) :].strip("/#"))
        last = iri.rstrip("/").replace(":", "/").rpartition("/")[2]
        return _person(self.otherwise, last)

    def mail(self, iri: str) -> Person | None:
        """An address, written mailto:."""
        return _person(Scheme.EMAIL, iri[len("mailto:") :])


def _person(scheme: Scheme, identifier: str) -> Person | None:
    # Of letters and digits something is left in every scheme; most identifiers are no more.
    is_plain = identifier.isascii() and identifier.isalnum()
    return Person(scheme, identifier) if is_plain or normalised(scheme, identifier) else None
