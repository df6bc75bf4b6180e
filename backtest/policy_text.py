"""A policy as the YAML that says it, and policies that differ from another one."""

from collections.abc import Mapping
from datetime import date
from enum import Enum

import yaml

from scoring.policy import Policy, parse_policy


def policy_yaml(policy: Policy) -> str:
    """Write a policy; what is as the policy leaves it without a word is left out."""
    document = _plain(policy.model_dump(exclude_defaults=True))
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def changed(policy: Policy, update: Mapping[str, object]) -> Policy:
    """Give a policy with other fields, checked as a document is.

    Not `model_copy` alone: that would also copy what the policy has worked out from its old fields.
    """
    document = policy_yaml(policy.model_copy(update=dict(update)))
    return parse_policy(document, origin=f"a change of {policy.title!r}")


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case bool() | int() | float() | str() | date() | None:
            return value
        case Mapping():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
    raise TypeError(f"a policy holds no {type(value).__name__}")
