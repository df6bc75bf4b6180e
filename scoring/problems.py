"""What is wrong with a document, one sentence a problem, each beginning with the field's path."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

_CONTRADICTION: Final = "contradiction"
_SHOWN_LENGTH: Final = 40  # characters of a wrong value that are repeated to its author


def contradiction(sentences: Sequence[str]) -> PydanticCustomError:
    """Make the error for a model whose fields are right by themselves but not together.

    Each of `sentences` begins with the path of its field, from the root of the document.
    """
    return PydanticCustomError(_CONTRADICTION, "{text}", {"text": "\n".join(sentences)})


def sentences_of(error: ValidationError, known_fields: Iterable[str]) -> list[str]:
    """Tell all problems of a document; `known_fields` serve to guess what was meant."""
    fields = sorted(known_fields)
    return [
        sentence
        for detail in error.errors(include_url=False)
        for sentence in _sentences(detail, fields)
    ]


def _sentences(detail: ErrorDetails, known_fields: Sequence[str]) -> list[str]:
    if detail["type"] == _CONTRADICTION:
        return detail["msg"].splitlines()
    is_key = detail["loc"][-1:] == ("[key]",)
    parts = detail["loc"][:-1] if is_key else detail["loc"]
    path = ".".join(str(part) for part in parts) or "the document"
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
