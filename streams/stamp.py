"""Who writes a record, and when."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stamp:
    """Goes into every record of a transaction."""

    writer: str
    """Process and ownership."""
    now_ms: int
    """UTC."""
