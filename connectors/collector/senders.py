"""Who may send, as what, and how fast: the file of `leap collect`.

```yaml
senders:
  moodle:                          # its name, in basic credentials too; and its feed, unless:
    feed: moodle.xapi
    credentials: [sha256:…]        # made by `leap collect credential`; several while one changes
    people:
      accounts: {"https://moodle.example.ac.uk": moodle}
      otherwise: username
    kinds: [moodle_course, moodle_login]   # what it may carry, and what its marks cover
    rules:                         # before those of docs/connectors/collector.md
      - {verb: "http://id.tincanapi.com/verb/viewed", type: "https://rl.example/list",
         kind: reading_list}
```
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.collector import credentials
from connectors.collector.persons import Names
from connectors.collector.refusal import Unauthorized
from connectors.collector.vocabulary import KINDS, Rule, Vocabulary
from connectors.schemes import Scheme
from connectors.yaml_file import read_yaml_file
from schemas.errors import SourceError
from schemas.types import Kind


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who may send."""

    name: str
    feed: str
    credentials: Sequence[str]
    names: Names
    kinds: Sequence[Kind]
    vocabulary: Vocabulary
    statements_per_second: float
    burst: int


class Senders:
    """Everybody who may send."""

    def __init__(self, senders: Sequence[Sender]) -> None:
        self._senders = tuple(senders)

    @property
    def all(self) -> Sequence[Sender]:
        """Each of them."""
        return self._senders

    def by_credentials(self, header: str | None) -> Sender:
        """Whose Authorization header it is; Unauthorized when it is nobody's."""
        given = credentials.presented(header)
        found: Sender | None = None
        for one in self._senders:  # all of them, so that time says nothing
            if given is not None and credentials.matches(given[1], one.credentials):
                found = one
        if given is None or found is None or given[0] not in (None, found.name):
            raise Unauthorized(
                "send the credentials of a sender: `Authorization: Bearer SECRET`, or Basic with"
                " the sender's name; `leap collect credential` makes a secret"
            )
        return found


def _hash(text: str) -> str:
    if not credentials.is_hash(text):
        raise ValueError("no hash of a secret: `leap collect credential` makes one")
    return text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _People(_Part):
    accounts: Mapping[str, Scheme] = {}
    otherwise: Scheme = Scheme.USERNAME


class _Rule(_Part):
    verb: str
    type: str | None = None
    kind: Kind


class _Sender(_Part):
    feed: Annotated[str, Field(min_length=1)] | None = None
    credentials: Annotated[Sequence[Annotated[str, AfterValidator(_hash)]], Field(min_length=1)]
    people: _People = _People()
    kinds: Annotated[Sequence[Kind], Field(min_length=1)] = KINDS
    rules: Sequence[_Rule] = ()
    statements_per_second: Annotated[float, Field(gt=0)] = 2000.0
    burst: Annotated[int, Field(ge=1)] = 10_000


class _File(_Part):
    senders: Annotated[Mapping[str, _Sender], Field(min_length=1)]


def read_senders(path: Path) -> Senders:
    """The senders of a file; SourceError says what is wrong with it."""
    file = read_yaml_file(path, _File)
    senders = [_sender(name, one) for name, one in file.senders.items()]
    feeds = [one.feed for one in senders]
    for feed in feeds:
        if feeds.count(feed) > 1:
            raise SourceError(
                f"{path}: two senders deliver to the feed {feed}: give each its own, so that each"
                " has its own marks"
            )
    return Senders(senders)


def _sender(name: str, one: _Sender) -> Sender:
    rules = [
        Rule(rule.verb, rule.kind, frozenset([rule.type] if rule.type else []))
        for rule in one.rules
    ]
    return Sender(
        name,
        one.feed or name,
        tuple(one.credentials),
        Names(one.people.accounts, one.people.otherwise),
        tuple(one.kinds),
        Vocabulary(rules),
        one.statements_per_second,
        one.burst,
    )
