"""What a list of sponsored students changes, which says all that holds (`connectors.list_plan`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.list_file import RefusedRow
from connectors.list_plan import Plan, Whose, plan_list
from connectors.sponsorship.file import SponsorshipRow
from schemas.types import Day, StudentId


@dataclass(frozen=True, slots=True)
class Sponsorship:
    """A period in which a student is sponsored, and nothing else about it."""

    student: StudentId
    first: Day
    last: Day | None
    """None: it is open."""

    @property
    def content(self) -> tuple[StudentId, Day, Day | None]:
        """All of it."""
        return (self.student, self.first, self.last)

    def overlaps(self, other: "Sponsorship") -> bool:
        """Whether both hold on the same day."""
        begins = other.last is None or self.first <= other.last
        return begins and (self.last is None or other.first <= self.last)


def plan(
    rows: Iterable[SponsorshipRow | RefusedRow], whose: Whose, holding: Iterable[Sponsorship]
) -> Plan[Sponsorship]:
    """What is to be published. `holding`: what the topic holds."""

    def made(row: SponsorshipRow, student: StudentId) -> Sponsorship:
        return Sponsorship(student, row.first, row.last)

    return plan_list(rows, whose, holding, made, "of the same student")


def changed_students(
    plan: Plan[Sponsorship], holding: Iterable[Sponsorship]
) -> Mapping[StudentId, Sequence[tuple[Day, Day | None]]]:
    """The periods of every student of whom something changes, in order; none where nothing is left.

    A record says all of a student, so what is kept is said again.
    """
    withdrawn = {one.content for one in plan.withdrawn}
    stands = [one for one in holding if one.content not in withdrawn] + plan.declared
    changed = {one.student: list[Sponsorship]() for one in (*plan.withdrawn, *plan.declared)}
    for one in stands:
        if one.student in changed:
            changed[one.student].append(one)
    return {
        student: [(one.first, one.last) for one in sorted(ones, key=lambda one: one.first)]
        for student, ones in changed.items()
    }
