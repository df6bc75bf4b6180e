"""How a number of additional activities is spread over kinds for the most points."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.types import Kind


class Spread:
    """The best way to spread each total from 0 to `limit`, over the kinds added so far."""

    def __init__(self, limit: int) -> None:
        self._points = np.full(limit + 1, -np.inf)
        """The most points with each total in all."""
        self._points[0] = 0.0
        self._chosen: list[tuple[Kind, NDArray[np.int64]]] = []
        """For each kind: how many of each total are its own."""

    def add(self, kind: Kind, points: Sequence[float]) -> None:
        """Add a kind that earns `points[n]` with n more."""
        best = np.full_like(self._points, -np.inf)
        chosen = np.zeros(len(best), np.int64)
        for number, earned in enumerate(points):
            with_number = self._points[: len(best) - number] + earned
            is_better = with_number > best[number:]
            best[number:][is_better] = with_number[is_better]
            chosen[number:][is_better] = number
        self._points = best
        self._chosen.append((kind, chosen))

    def of(self, total: int) -> dict[Kind, int]:
        """Give how many of each kind; kinds with none are left out."""
        numbers = dict[Kind, int]()
        for kind, chosen in reversed(self._chosen):
            number = int(chosen[total])
            if number:
                numbers[kind] = number
            total -= number
        return dict(reversed(numbers.items()))
