"""How far each source has been read: kept in a file, so that a restart goes on where it stopped.

A position is saved when the broker has acknowledged everything before it, never earlier. A file
that is lost, or a save that did not happen, costs a second reading and nothing else.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from connectors.incremental import Position, Positions
from schemas.errors import SourceError
from schemas.types import Day


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a source has been read, and which days its activities are of."""

    inputs: Positions = field(default_factory=dict)
    oldest: Day | None = None
    newest: Day | None = None

    def at(self, input_name: str, position: Position) -> "Reached":
        """The same, one input further on."""
        return replace(self, inputs={**self.inputs, input_name: position})

    def with_days(self, first: int, last: int) -> "Reached":
        """The same, with activities of these days."""
        oldest = first if self.oldest is None else min(first, self.oldest)
        newest = last if self.newest is None else max(last, self.newest)
        return replace(self, oldest=Day(oldest), newest=Day(newest))


class PositionStore(Protocol):
    """Keeps what one source has reached."""

    def load(self) -> Reached:
        """What was saved last; nothing, when nothing was."""

    def save(self, reached: Reached) -> None:
        """Keep this instead. When it returns, a crash does not lose it."""


@dataclass(slots=True)
class MemoryPositions:
    """A `PositionStore` for one process: for dry runs and tests."""

    reached: Reached = field(default_factory=Reached)

    def load(self) -> Reached:
        """What was saved last."""
        return self.reached

    def save(self, reached: Reached) -> None:
        """Keep this instead."""
        self.reached = reached


@dataclass(frozen=True, slots=True)
class PositionFile:
    """A `PositionStore` in a JSON file of its own, replaced as a whole."""

    path: Path

    def load(self) -> Reached:
        """What was saved last; SourceError when the file is not what was saved."""
        try:
            kept = json.loads(self.path.read_text())
            inputs, days = kept["inputs"], (kept["oldest"], kept["newest"])
            if not isinstance(inputs, dict) or not all(
                isinstance(p, dict) for p in inputs.values()
            ):
                raise ValueError("no positions")
        except FileNotFoundError:
            return Reached()
        except (ValueError, KeyError, TypeError) as error:
            raise SourceError(
                f"{self.path} does not hold the positions that were saved there ({error}): remove"
                " it, and everything is read once more, which is harmless"
            ) from error
        oldest, newest = (None if day is None else Day(int(day)) for day in days)
        return Reached(inputs, oldest, newest)

    def save(self, reached: Reached) -> None:
        """Keep this instead: written beside it, and put in its place."""
        kept: Mapping[str, object] = {
            "inputs": reached.inputs,
            "oldest": reached.oldest,
            "newest": reached.newest,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        with new.open("w") as file:
            json.dump(kept, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
