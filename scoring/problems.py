"""What is wrong with a document, one sentence a problem, each beginning with the field's path."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

_CONTRADICTION: Final = "contradiction"
_SHOWN_LENGTH: Final = 40  # characters of a wrong value that are repeated to its author


def contradiction(sentences: Sequence[str]) -> PydanticCustomError:
    """Make the error for a model whose fields are right by themselves but not together.

    Each of `sentences` says what is wrong; those of the whole document begin with a field's path.
    """
    return PydanticCustomError(_CONTRADICTION, "{text}", {"text": "\n".join(sentences)})


def field_names(base: type[BaseModel]) -> frozenset[str]:
    """Give the names of all fields of the models derived from `base` so far."""
    names = frozenset(base.model_fields)
    return names.union(*(field_names(model) for model in base.__subclasses__()))


def sentences_of(
    error: ValidationError, known_fields: Iterable[str], *, root: str = "the document"
) -> list[str]:
    """Tell all problems of a document; `known_fields` serve to guess what was meant.

    `root` is what a problem of the whole is said to be a problem of.
    """
    fields = sorted(known_fields)
    return [
        sentence
        for detail in error.errors(include_url=False)
        for sentence in _sentences(detail, fields, root)
    ]


def _sentences(detail: ErrorDetails, known_fields: Sequence[str], root: str) -> list[str]:
    is_key = detail["loc"][-1:] == ("[key]",)
    parts = detail["loc"][:-1] if is_key else detail["loc"]
    path = ".".join(str(part) for part in parts)
    if detail["type"] == _CONTRADICTION:
        return [f"{path}: {line}" if path else line for line in detail["msg"].splitlines()]
    path = path or root
    return [f"{path}: {_problem(detail, known_fields, is_key)}"]


def _problem(detail: ErrorDetails, known_fields: Sequence[str], is_key: bool) -> str:
    given = detail["input"]
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden" | "invalid_key":
            return f"unknown field{_guess(str(detail['loc'][-1]), known_fields)}"
        case "enum":
            noun = "kind" if is_key else str(detail["loc"][-1])
            known = re.findall(r"'([^']+)'", str(context["expected"]))
            return f"unknown {noun}{_guess(str(given), known) or '; known are ' + ', '.join(known)}"
        case "union_tag_invalid":
            known = re.findall(r"'([^']+)'", str(context["expected_tags"]))
            guess = _guess(str(context["tag"]), known)
            return f"unknown rule{guess or '; known are ' + ', '.join(known)}"
        case "union_tag_not_found":
            return "rule: is missing"
        case "special_category":
            return detail["msg"]
        case "too_short":
            return "must not be empty"
        case "model_type" | "model_attributes_type" | "mapping_type" | "dict_type":
            return f"must be a mapping of fields, not {_shown(given)}"
        case "tuple_type" | "list_type":
            return f"must be a list, not {_shown(given)}"
    return f"{detail['msg'].replace('Input should', 'must', 1)}, not {_shown(given)}"


def _guess(given: str, known: Sequence[str]) -> str:
    near = get_close_matches(given, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."
