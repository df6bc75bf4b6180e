"""Loads a student file: identifiers to the identity topic, periods to the student topic.

1. Fence: another loader that is still at it is stopped, so there is one writer that gives out
   pseudonyms. Then the identity topic is read to its end.
2. Rows are registered (`connectors.registrar`), the new identifiers of many rows in a transaction.
3. When all identifiers are in, so that activities can find their people, the periods follow.

Breaking off anywhere and loading again gives everybody the pseudonym that was committed.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from broker.publisher import Publisher
from broker.transactions import Messages, TransactionalWriter
from connectors.records import Encoder
from connectors.registrar import Conflict, Known, Registrar
from connectors.rows import rejected
from connectors.source import Period, Rejected, Student
from connectors.students.file import FEED, LeftOut, StudentRow
from schemas.reasons import Reason
from schemas.topics import ERASED, IDENTITY
from schemas.types import StudentId

_ROWS_A_TRANSACTION = 10_000


@dataclass(slots=True)
class LoadAccount:
    """What became of the rows of a student file."""

    read: int = 0
    used: int = 0
    identifiers: int = 0
    """Identifiers that were new."""
    suppressed: int = 0
    """Identifiers that were added to those of the erased."""
    students: int = 0
    """Students whose periods were published."""
    quarantined: Counter[Reason] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def is_reconciled(self) -> bool:
        """Whether every row is accounted for."""
        return self.read == self.used + self.quarantined.total() + self.skipped.total()

    def as_record(self) -> dict[str, object]:
        """The account as one object."""
        return {
            "read": self.read,
            "used": self.used,
            "identifiers_added": self.identifiers,
            "identifiers_suppressed": self.suppressed,
            "students": self.students,
            "quarantined": {str(reason): n for reason, n in sorted(self.quarantined.items())},
            "skipped": dict(sorted(self.skipped.items())),
            "reconciled": self.is_reconciled,
        }


def load_students(
    rows: Iterable[StudentRow | LeftOut | Rejected],
    registrar: Registrar,
    writer: TransactionalWriter,
    publisher: Publisher,
    encoder: Encoder,
    now_ms: Callable[[], int],
) -> LoadAccount:
    """Steps 2 and 3. The registrar knows what was read after `writer` has fenced."""
    account = LoadAccount()
    periods: dict[StudentId, list[Period]] = {}

    def refuse(row: Rejected) -> None:
        records = encoder.rejected(row, now_ms())
        publisher.publish(records.topic, records.values, records.keys, records.partitions)
        account.quarantined[row.reason] += 1

    for row in rows:
        account.read += 1
        if isinstance(row, Rejected):
            refuse(row)
            continue
        if isinstance(row, LeftOut):
            account.skipped[row.rule] += 1
            continue
        try:
            student = registrar.register(row.identifiers)
            if student is None:
                account.skipped["erased"] += 1
                continue
            if row.period is not None:
                _add(periods.setdefault(student, []), row.period)
            account.used += 1
        except Conflict as conflict:
            reason = Reason.IDENTITY_CONFLICT
            refuse(rejected(reason, str(conflict), row.file, row.line, row.raw, FEED))
        except _Overlap as overlap:
            reason = Reason.IMPOSSIBLE_DATE
            refuse(rejected(reason, str(overlap), row.file, row.line, row.raw, FEED))
        if account.read % _ROWS_A_TRANSACTION == 0:
            _commit(registrar.news(), writer, encoder, now_ms(), account)
    _commit(registrar.news(), writer, encoder, now_ms(), account)
    for student, of_student in periods.items():
        records = encoder.student(Student(student, now_ms(), tuple(of_student)))
        publisher.publish(records.topic, records.values, records.keys, records.partitions)
        account.students += 1
    publisher.flush()
    return account


def write_news(
    news: list[Known], writer: TransactionalWriter, encoder: Encoder, now_ms: int
) -> None:
    """What a registrar has to say, in one transaction."""
    known = [one for one in news if one.student is not None]
    erased = [one for one in news if one.student is None]
    messages = [
        Messages(
            topic, [one.identity for one in ones], [encoder.identity(one, now_ms) for one in ones]
        )
        for topic, ones in ((IDENTITY, known), (ERASED, erased))
        if ones
    ]
    if messages:
        writer.write(messages)


class _Overlap(Exception):
    """A period lies within another one of the same student."""


def _add(periods: list[Period], new: Period) -> None:
    """Add a period in its place; a repeat changes nothing."""
    if new in periods:
        return
    for period in periods:
        starts_before_end = new.last is None or period.first <= new.last
        ends_after_start = period.last is None or period.last >= new.first
        if starts_before_end and ends_after_start:
            raise _Overlap("from and to overlap with another row of the same student")
    periods.append(new)
    periods.sort(key=lambda period: period.first)


def _commit(
    news: list[Known],
    writer: TransactionalWriter,
    encoder: Encoder,
    now_ms: int,
    account: LoadAccount,
) -> None:
    write_news(news, writer, encoder, now_ms)
    account.identifiers += sum(one.student is not None for one in news)
    account.suppressed += sum(one.student is None for one in news)
