"""The fields of an activity's kind, from what either log says of a row."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.moodle.events import Kinds
from connectors.values import where_given
from schemas.columns import Coded, Column
from schemas.types import Kind


def fields_of(
    kind: Kind,
    kinds: Kinds,
    row: NDArray[np.int64],
    *,
    module: pl.Series,
    place: pl.Series,
    component: pl.Series,
) -> dict[str, Column]:
    """Of the rows `row`, which are of any kind but logins: these have no fields of their own.

    The texts are those of the rows, "" where there is none.
    `place` is where it happened: an assignment of coursework, the object of any other page.
    """
    found: dict[str, Column] = {"module": where_given(module)}
    if kind is Kind.FASER_UPLOAD:
        return found | {"assignment": where_given(place)}
    if kind is Kind.FASER_VIEW:
        page = Coded(kinds.is_feedback[row].astype(np.int64), ("submission", "feedback"))
        return found | {"assignment": where_given(place), "page": page}
    return found | {"component": where_given(component), "object": where_given(place)}
