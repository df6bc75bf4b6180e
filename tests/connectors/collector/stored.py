"""What lies in a generation of what the load sent."""

from dataclasses import dataclass

from ops.generation import Generation
from schemas.topics import ACTIVITY
from schemas.types import Kind


@dataclass(frozen=True, slots=True)
class Stored:
    """`records` with their repeats; events by id; numbers of statements."""

    records: int
    events: int
    numbers: set[int]


def read_stored(generation: Generation) -> Stored:
    """Every course view."""
    frame = generation.read(ACTIVITY[Kind.MOODLE_COURSE])
    return Stored(
        len(frame), frame["event_id"].n_unique(), {int(one) for one in frame["object"].to_list()}
    )
