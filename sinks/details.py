"""The fields that an activity's kind has of its own, as one JSON text an event."""

from collections.abc import Sequence

import polars as pl


def details(fields: pl.DataFrame) -> pl.Series:
    """Each row as a JSON object of its fields that are not null, in the order of the columns.

    Rows are encoded together with those that lack the same fields; there are few such groups,
    because a source either knows a field or does not.
    """
    presence = fields.select(
        pl.sum_horizontal(
            pl.col(name).is_not_null().cast(pl.UInt64) * (1 << bit)
            for bit, name in enumerate(fields.columns)
        ).alias("presence")
    ).to_series()
    groups = [
        (presence == mask, [name for bit, name in enumerate(fields.columns) if mask >> bit & 1])
        for mask in presence.unique().to_list()
    ]
    if len(groups) <= 1:
        return _encoded(fields, groups[0][1] if groups else ())
    rows = pl.concat([chosen.arg_true() for chosen, _ in groups])
    texts = pl.concat([_encoded(fields.filter(chosen), present) for chosen, present in groups])
    return texts.gather(rows.arg_sort())


def _encoded(fields: pl.DataFrame, present: Sequence[str]) -> pl.Series:
    if not present:
        return pl.Series("details", ["{}"], dtype=pl.String).new_from_index(0, fields.height)
    return fields.select(pl.struct(present).struct.json_encode().alias("details")).to_series()
