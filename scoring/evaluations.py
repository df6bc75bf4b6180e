"""The days of many evaluations, as rows of a panel."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from scoring.panel import Panel


@dataclass(frozen=True, slots=True, eq=False)
class Evaluations:
    """E evaluations, each with a window (a) ending at `complete` and one (b) ending at `as_of`.

    Both kinds of windows are found in one go: rows 0 .. E-1 of the arrays are (a), E .. 2E-1 (b).
    Rows of days are counted from `first_row` of the panel, the earliest that a window can reach.
    """

    number: int
    """E."""
    rows: slice
    """The R rows of the panel that the windows can reach."""
    end: NDArray[np.int64]
    """Last row of each window, [2E, 1]."""
    stop: NDArray[np.int64]
    """First row after those whose events are looked at, [2E, 1]."""
    over: NDArray[np.int64]
    """First row after those that were over: none is later than `stop`, [2E, 1]."""
    complete: NDArray[np.int64]
    """Campus day that is the last complete one, [E]."""
    seen: NDArray[np.int64]
    """Campus day that is looked at last, [2E, 1]."""
    first_day: int
    """Campus day of `rows.start`."""

    @classmethod
    def on(
        cls,
        panel: Panel,
        look_back_days: int,
        complete: NDArray[np.int64],
        as_of: NDArray[np.int64],
        seen: NDArray[np.int64],
    ) -> Self:
        """Place E campus days, [E] each, on the panel.

        Raises ValueError unless complete <= seen <= as_of and complete < as_of everywhere, and
        the panel holds all days from `look_back_days` before `complete` to `as_of`.
        """
        if not complete.shape == as_of.shape == seen.shape == (complete.size,):
            raise ValueError("complete, as_of and seen must be [E] each")
        if not complete.size:
            none = np.empty((0, 1), np.int64)
            return cls(0, slice(0, 0), none, none, none, complete, none, 0)
        if not ((complete <= seen) & (seen <= as_of) & (complete < as_of)).all():
            raise ValueError("complete <= seen <= as_of and complete < as_of must hold")
        first = int(complete.min()) - look_back_days + 1
        last = int(as_of.max())
        if first < panel.first_day or last >= panel.first_day + panel.days:
            raise ValueError(
                f"the windows need days {first} to {last}, the panel holds "
                f"{panel.first_day} to {panel.first_day + panel.days - 1}"
            )
        end = np.concatenate((complete, as_of))[:, np.newaxis] - first
        last_seen = np.concatenate((seen, seen))[:, np.newaxis]
        stop = np.minimum(end, last_seen - first) + 1
        last_over = np.concatenate((complete, complete))[:, np.newaxis] - first
        return cls(
            number=complete.size,
            rows=slice(first - panel.first_day, last + 1 - panel.first_day),
            end=end,
            stop=stop,
            over=np.minimum(stop, last_over + 1),
            complete=complete,
            seen=last_seen,
            first_day=first,
        )
