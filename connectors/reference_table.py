"""Small tables that a source is explained with: which reader is where, what is timetabled when.

They belong to the configuration, so a row that is wrong is an error, and not a matter for
quarantine.
"""

from collections.abc import Iterator
from pathlib import Path

from connectors.delimited.reader import DelimitedReader
from connectors.rows import Columns, Rows
from connectors.sieve import Sieve
from connectors.values import bounded
from schemas.errors import SourceError


def reference_rows(path: Path, columns: Columns) -> Iterator[Rows]:
    """The rows of a CSV file. Raises SourceError for a row that is none, and for a missing file."""
    try:
        for chunk in DelimitedReader().read(path, columns, None, is_growing=False):
            for bad in chunk.rejected:
                raise SourceError(f"{path}:{bad.line}: {bad.message}")
            sieve = Sieve(chunk.rows, "")
            bounded(sieve)
            all_accepted(sieve, path)
            yield chunk.rows
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error


def all_accepted(sieve: Sieve, path: Path) -> None:
    """Raise SourceError for the first row that the sieve has rejected."""
    for bad in sieve.rejected:
        raise SourceError(f"{path}:{bad.line}: {bad.message}")
