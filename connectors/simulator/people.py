"""The students of a campus, and what each is likely to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from connectors.simulator.plan import Behaviour, Plan

MODULES: Final = ("HI101", "EC102", "BS103", "CE104", "LW105")
_FULL_TIME: Final = 3  # modules; part-time students take one
_ILL_WEEKS: Final = 2
_MOODLE_FROM: Final = 100  # below are the accounts that Moodle keeps for itself


@dataclass(frozen=True, slots=True)
class Person:
    """A student, under the names that the systems have."""

    number: int
    behaviour: Behaviour
    modules: Sequence[str]
    ill_from_week: int

    @property
    def student(self) -> str:
        """In the student record and the coursework system."""
        return f"S{self.number:06}"

    @property
    def card(self) -> str:
        """On the card."""
        return f"C{self.number:08}"

    @property
    def moodle(self) -> int:
        """In Moodle."""
        return _MOODLE_FROM + self.number

    @property
    def username(self) -> str:
        """Of the account that PCs are logged into with."""
        return f"u{self.number:06}"

    def likelihood(self, week: int, weeks: int) -> float:
        """Of each thing that there is to do in a week."""
        match self.behaviour:
            case Behaviour.FADING:
                return 0.95 - 0.9 * week / max(1, weeks - 1)
            case Behaviour.BURSTY:
                return 0.1 if week % 3 else 0.95
            case Behaviour.PART_TIME:
                return 0.85
            case Behaviour.ILL:
                is_ill = 0 <= week - self.ill_from_week < _ILL_WEEKS
                return 0.0 if is_ill else 0.9
        return 0.9


def people_of(plan: Plan) -> list[Person]:
    """Everybody; each is the same however many others there are."""
    return [_person(plan, number) for number in range(1, plan.students + 1)]


def _person(plan: Plan, number: int) -> Person:
    random = random_of(plan, "person", number)
    behaviour = random.choice(tuple(Behaviour))
    count = 1 if behaviour is Behaviour.PART_TIME else _FULL_TIME
    modules = tuple(sorted(random.sample(MODULES, count)))
    return Person(number, behaviour, modules, random.randrange(plan.weeks))


def random_of(plan: Plan, *of: object) -> Random:
    """A generator for one purpose: what is drawn elsewhere does not move it."""
    return Random("/".join(map(str, (plan.seed, *of))))  # noqa: S311
