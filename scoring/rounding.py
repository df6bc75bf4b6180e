"""Two decimals, the same way everywhere: what is published is an integer of hundredths."""

from math import floor
from typing import Final

DAY_PERCENT: Final = 100
"""A full day in the unit of calendar weights: percent of a day."""


def hundredths(value: float) -> int:
    """Give `value`, at least 0, in hundredths: floor(value * 100 + 0.5).

    Not `round`, which goes to the even neighbour: one half always goes up.
    """
    return floor(value * 100 + 0.5)


def days_text(percent: int) -> str:
    """Write percent of a day as days: 300 is "3", 350 is "3.5"."""
    whole, rest = divmod(percent, DAY_PERCENT)
    return f"{whole}.{rest:02}".rstrip("0") if rest else str(whole)
