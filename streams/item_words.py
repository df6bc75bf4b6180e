"""Names of items as 64-bit words: what an activity meets, and what is expected of a student.

An item is kept under a word that names the student and the kind of activity with it, so that what
meets what is a question of equal words. Two of n items of a partition share a word with a chance of
n**2 / 2**64. Words are made anew by every process and written nowhere.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.types import KINDS, Kind
from schemas.views import is_valid

Words = NDArray[np.uint64]

NO_ITEM: Final = np.uint64(0)
UNKNOWN_KIND: Final = len(KINDS)

_SEED: Final = 5
# Odd 64-bit constants of MurmurHash3 and of the golden ratio; they spread numbers over 64 bits.
_STUDENT: Final = np.uint64(0xC4CEB9FE1A85EC53)
_KIND: Final = np.uint64(0x9E3779B97F4A7C15)


def names_of(texts: pl.Series, students: NDArray[np.int64]) -> Words:
    """The word of each student's item, whatever meets it; NO_ITEM where there is no text."""
    if texts.null_count() == len(texts):
        return np.zeros(len(texts), np.uint64)
    words: Words = texts.hash(_SEED).to_numpy() ^ (students.view(np.uint64) * _STUDENT)
    words |= np.uint64(1)  # none of them is NO_ITEM
    return np.where(is_valid(texts), words, NO_ITEM)


def with_kinds(names: Words, kinds: NDArray[np.int64]) -> Words:
    """The words under which the items are met, by activity of a kind each: places in `KINDS`."""
    mixed: Words = (names ^ ((kinds + 1).view(np.uint64) * _KIND)) | np.uint64(1)
    return np.where(names == NO_ITEM, NO_ITEM, mixed)


def met_by(texts: pl.Series, students: NDArray[np.int64], kind: Kind) -> Words:
    """The word of the item that each activity of a kind names."""
    kinds = np.full(len(texts), KINDS.index(kind), np.int64)
    return with_kinds(names_of(texts, students), kinds)
