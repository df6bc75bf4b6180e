"""What all parts of a policy document have in common: strictness, and a few types of fields."""

import re
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from scoring.rounding import hundredths
from scoring.special_category import refusal_of_value


class Document(BaseModel):
    """A mapping of fields. Unknown ones are refused: a mistyped field would be a silent default."""

    # strict: text is no number and `yes` is no 1; a policy says exactly what it means.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _two_decimals(value: float) -> float:
    if hundredths(value) / 100 != value:
        raise PydanticCustomError("decimals", "must have at most two decimals, as scores have")
    return value


def _feed_name(value: str) -> str:
    if re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", value) is None:
        raise PydanticCustomError("feed_name", "must be a feed's name, such as oulad.vle")
    return value


def _rule_name(value: str) -> str:
    if re.fullmatch(r"[a-z][a-z0-9_]*", value) is None:
        raise PydanticCustomError("rule_name", "must be a name such as very_low_on_3_closings")
    return value


def _allowed(value: str) -> str:
    refused = refusal_of_value(value)
    if refused is not None:
        raise PydanticCustomError("special_category", "{why}", {"why": refused})
    return value


TwoDecimals: TypeAlias = Annotated[float, AfterValidator(_two_decimals)]
"""A number in the resolution in which scores are published."""

Feed: TypeAlias = Annotated[str, AfterValidator(_feed_name), AfterValidator(_allowed)]
"""The name of a feed, such as `oulad.vle`."""

RuleName: TypeAlias = Annotated[str, AfterValidator(_rule_name)]
"""The name of a rule, by which its alerts are known."""

Text: TypeAlias = Annotated[str, Field(min_length=1)]
"""A sentence for people."""

Selected: TypeAlias = Annotated[str, Field(min_length=1), AfterValidator(_allowed)]
"""A word of a student's record by which a rule selects, such as a level."""
