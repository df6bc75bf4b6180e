"""Published policies, and policies named on the command line: by version, or by file."""

from collections.abc import Callable
from pathlib import Path

from ops.documents import text_of
from ops.generation import Generation
from schemas import topics
from schemas.errors import PolicyError
from scoring.policy import Policy, parse_policy
from streams.policies import Policies


def published_policies(generation: Generation) -> Policies:
    """Every version on the policy topic."""
    policies = Policies()
    for version, document in documents(generation).items():
        policies.add(parse_policy(document, origin=f"policy version {version}"))
    return policies


def documents(generation: Generation) -> dict[int, str]:
    """What was published, by version, as it was written."""
    frame = generation.read(topics.POLICY)
    return dict(frame.sort("version").select("version", "document").iter_rows())


def named_policy(name: str, generation: Callable[[], Generation]) -> Policy:
    """The policy of a version (a number) or of a file; only for a version a generation is opened.

    Raises PolicyError where there is none.
    """
    if not name.isdecimal():
        return parse_policy(text_of(Path(name)), origin=name)
    published = documents(generation())
    document = published.get(int(name))
    if document is None:
        known = ", ".join(map(str, published)) or "none"
        raise PolicyError(f"version {name} is not published: there are {known}; or name a file")
    return parse_policy(document, origin=f"policy version {name}")
