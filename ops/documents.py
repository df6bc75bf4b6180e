"""Policies and calendars, as the files that people write them in."""

from pathlib import Path

from schemas.errors import PolicyError


def text_of(file: Path) -> str:
    """The text of a file; PolicyError where it cannot be read."""
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{file} cannot be read: {error}") from error
