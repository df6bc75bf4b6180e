"""A folder in which each module has files of its own: `courses.AAA.csv`, `courses.BBB.csv`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import IO, Any, Final

from connectors.oulad.files import SUFFIXES
from schemas.errors import SourceError

_FIRST: Final = "courses"


@dataclass(frozen=True, slots=True)
class _Part(Traversable):
    """The files of a folder whose names, but for the suffix, end alike."""

    folder: Traversable
    ending: str

    def iterdir(self) -> Iterator[Traversable]:
        """Give the files of the module."""
        return (file for file in self.folder.iterdir() if _stem(file.name).endswith(self.ending))

    def joinpath(self, *descendants: Any) -> Traversable:
        """Give one of them."""
        return self.folder.joinpath(*descendants)

    def __truediv__(self, child: Any) -> Traversable:
        return self.joinpath(child)

    def __str__(self) -> str:
        return f"{self.folder} (files of {self.name})"

    @property
    def name(self) -> str:
        """The module."""
        return self.ending.lstrip("._-")

    def is_dir(self) -> bool:
        """Say that it is a folder."""
        return True

    def is_file(self) -> bool:
        """Say that it is no file."""
        return False

    def open(self, mode: Any = "r", *args: Any, **kwargs: Any) -> IO[Any]:
        """Refuse: it is a folder."""
        raise IsADirectoryError(str(self))

    def read_bytes(self) -> bytes:
        """Refuse: it is a folder."""
        raise IsADirectoryError(str(self))

    def read_text(self, encoding: str | None = None) -> str:
        """Refuse: it is a folder."""
        raise IsADirectoryError(str(self))


def parts_of(folder: Traversable) -> Sequence[Traversable]:
    """Give the folder; or, where several modules have files of their own, one of each.

    Raises SourceError for a folder that cannot be read.
    """
    try:
        names = [file.name for file in folder.iterdir()]
    except OSError as error:
        raise SourceError(f"the folder {folder} cannot be read ({error.strerror})") from error
    stems = {_stem(name) for name in names if name.startswith(_FIRST) and name.endswith(SUFFIXES)}
    endings = sorted(stem.removeprefix(_FIRST) for stem in stems)
    if len(endings) < 2 or "" in endings:
        return [folder]
    return [_Part(folder, ending) for ending in endings]


def _stem(name: str) -> str:
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        name = name.removesuffix(suffix)
    return name
