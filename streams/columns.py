"""Arrays that stand side by side: the columns of a table, one entry a row in each."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Base of frozen dataclasses all of whose fields are such arrays."""

    def __len__(self) -> int:
        return len(getattr(self, next(iter(self.__dataclass_fields__))))

    def __getitem__(self, chosen: slice | NDArray[np.bool_] | NDArray[np.int64]) -> Self:
        return type(self)(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    def joined(self, *others: Self) -> Self:
        """All of them, one behind the other."""
        if not others:
            return self
        every = (self, *others)
        return type(self)(
            *(
                np.concatenate([getattr(one, name) for one in every])
                for name in self.__dataclass_fields__
            )
        )
