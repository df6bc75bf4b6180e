"""A student's state as one small number: status and band together."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Band, Status

STATUSES: Final = tuple(Status)
BANDS: Final = tuple(Band)
_BAND_BITS: Final = 3

NOTHING: Final = 0
"""Nothing was ever published."""
NOT_ENROLLED: Final = STATUSES.index(Status.NOT_ENROLLED) << _BAND_BITS
UNKNOWN_STUDENT: Final = STATUSES.index(Status.UNKNOWN_STUDENT) << _BAND_BITS

States = NDArray[np.int16]

SCORED_SORT: Final = "scored"
NOT_ENROLLED_SORT: Final = "not enrolled"
_SORTS: Final = {
    Status.NOT_SCORED: "withheld",
    Status.NOT_ENROLLED: NOT_ENROLLED_SORT,
    Status.UNKNOWN_STUDENT: NOT_ENROLLED_SORT,
}


def states_of(status: NDArray[np.integer], band: NDArray[np.integer]) -> States:
    """The states of positions in `STATUSES` and `BANDS`."""
    return (status.astype(np.int16) << _BAND_BITS) | band.astype(np.int16)


def statuses_in(states: States) -> NDArray[np.int64]:
    """Positions in `STATUSES`."""
    return (states >> _BAND_BITS).astype(np.int64)


def bands_in(states: States) -> NDArray[np.int64]:
    """Positions in `BANDS`."""
    return (states & ((1 << _BAND_BITS) - 1)).astype(np.int64)


def sort_of(status: int) -> str:
    """What sort of record a position in `STATUSES` makes; only `SCORED_SORT` has contributions."""
    return _SORTS.get(STATUSES[status], SCORED_SORT)
