"""The files of the dataset: found by the beginning of their names, plain or compressed."""

import gzip
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BufferedIOBase
from typing import Final, cast

from schemas.errors import SourceError

SUFFIXES: Final = (".csv", ".csv.gz", ".csv.xz")


def shipped() -> Traversable:
    """The folder with module AAA that comes with the project; see its ATTRIBUTION.md."""
    return files("connectors.oulad") / "data"


def find(folder: Traversable, prefix: str) -> Traversable:
    """The one file whose name begins with `prefix`.

    Raises SourceError for none, and for several: the rows of a file that lies there twice, packed
    and unpacked, would count twice.
    """
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise SourceError(
            f"the folder {folder} cannot be read ({error.strerror}): name the folder that holds"
            " the CSV files of OULAD"
        ) from error
    found = [name for name in names if name.startswith(prefix) and name.endswith(SUFFIXES)]
    match found:
        case [name]:
            return folder / name
        case []:
            raise SourceError(
                f"{folder} holds no {prefix}*{' or '.join(SUFFIXES)}: put that file of OULAD there"
            )
    raise SourceError(
        f"{folder} holds {' and '.join(found)}: leave one of them, or their rows count twice"
    )


@contextmanager
def opened(file: Traversable) -> Iterator[BufferedIOBase]:
    """The content of a file as bytes, unpacked; damage shows while it is read."""
    with file.open("rb") as packed:
        if file.name.endswith(".gz"):
            with gzip.GzipFile(fileobj=packed) as stream:
                yield stream
        elif file.name.endswith(".xz"):
            with lzma.LZMAFile(packed) as stream:
                yield stream
        else:
            yield cast("BufferedIOBase", packed)
