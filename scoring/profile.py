"""What a student's record says on a campus day, as far as it chooses the rules."""

from dataclasses import dataclass

from schemas.types import Mode


@dataclass(frozen=True, slots=True)
class Profile:
    """The words of a student's period, as the record has them."""

    level: str
    mode: str
    """`Mode.PART_TIME`; anything else has the windows of full time."""
    programme: str
    status: str

    @property
    def is_part_time(self) -> bool:
        """Whether the windows of part-time students hold."""
        return self.mode == Mode.PART_TIME
