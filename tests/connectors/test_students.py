"""The student file: who is who and who studies when, each row accounted for."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from broker.transactions import Messages
from connectors.records import Encoder
from connectors.registrar import Registrar
from connectors.schemes import Scheme
from connectors.source import Rejected
from connectors.students.file import LeftOut, StudentFile, StudentRow
from connectors.students.load import LoadAccount, load_students
from schemas.avro import parsed
from schemas.reasons import Reason
from schemas.topics import STUDENT
from schemas.wire import Record, decode
from tests.connectors.connected import CAMPUS
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.world import DESTINATION, PARTITIONS, SITE_KEY, day, values

HEADER = b"student,name,username,card,moodle,level,mode,programme,status,from,to\n"


@dataclass
class Transactions:
    """The writing side of a partition, in memory."""

    written: list[Messages] = field(default_factory=list)

    def fence(self) -> None: ...

    def write(self, messages: Sequence[Messages]) -> int:
        self.written += messages
        return sum(len(part.values) for part in messages)

    def records(self) -> list[Record]:
        return [decode(value, parsed(part.topic)) for part in self.written for value in part.values]


def load(
    content: bytes, folder: Path, registrar: Registrar | None = None
) -> tuple[LoadAccount, MemoryPublisher, Transactions]:
    path = folder / "students.csv"
    path.write_bytes(content)
    return load_rows(StudentFile(path, CAMPUS).rows(), registrar)


def load_rows(
    rows: Iterable[StudentRow | LeftOut | Rejected], registrar: Registrar | None = None
) -> tuple[LoadAccount, MemoryPublisher, Transactions]:
    publisher, writer = MemoryPublisher(PARTITIONS), Transactions()
    numbers = itertools.count(1)
    account = load_students(
        rows,
        registrar or Registrar(SITE_KEY, {}, set(), lambda limit: next(numbers)),
        writer,
        publisher,
        Encoder(DESTINATION, SITE_KEY),
        lambda: 7,
    )
    return account, publisher, writer


def test_identifiers_and_periods_are_loaded_and_names_are_not(tmp_path: Path) -> None:
    account, publisher, writer = load(
        HEADER
        + b"S1,<b>Sam</b> O'Hara,sam,c1,7,UG,,History,,2019-09-30,2020-06-30\n"
        + b"S1,Sam O'Hara,sam,c1,7,UG,part_time,History,interrupted,2020-09-30,\n"
        + b"S2,Kim,kim,,8,PG,full_time,Physics,enrolled,2019-09-30,\n",
        tmp_path,
    )
    assert account.is_reconciled
    assert (account.read, account.used, account.identifiers, account.students) == (3, 3, 7, 2)
    assert [one["student"] for one in writer.records()] == [1, 1, 1, 1, 2, 2, 2]
    one, other = values(publisher, STUDENT)
    assert one["periods"] == [
        {
            "from": day("2019-09-30"),
            "to": day("2020-06-30"),
            "level": "UG",
            "mode": "full_time",
            "programme": "History",
            "status": "enrolled",
        },
        {
            "from": day("2020-09-30"),
            "to": None,
            "level": "UG",
            "mode": "part_time",
            "programme": "History",
            "status": "interrupted",
        },
    ]
    assert (one["student"], other["student"]) == (1, 2)
    everything = b"".join(kept.value for kept in publisher.log)
    everything += b"".join(value for part in writer.written for value in part.values)
    assert not any(name in everything for name in (b"Sam", b"Kim", b"sam", b"c1", b"S1"))


def test_bad_rows_are_quarantined_and_their_neighbours_are_loaded(tmp_path: Path) -> None:
    account, publisher, _ = load(
        HEADER
        + b"S1,,,c1,,UG,,,,2019-09-30,\n"
        + b",,,c3,,UG,,,,2019-09-30,\n"
        + b"S2,,,c1,,UG,,,,2019-09-30,\n"
        + b"S3,,,,,UG,sometimes,,,2019-09-30,\n"
        + b"S4,,,,,UG,,,,2019-09-31,\n"
        + b"S5,,,,,UG,,,,2019-09-30,2018-09-30\n"
        + b"S1,,,,,UG,,,,2019-10-30,\n"
        + b"S6,,,,,UG,,,,2019-09-30,\n",
        tmp_path,
    )
    assert account.is_reconciled
    assert account.quarantined == {
        Reason.MISSING_VALUE: 1,
        Reason.IDENTITY_CONFLICT: 1,
        Reason.UNKNOWN_VALUE: 1,
        Reason.IMPOSSIBLE_DATE: 3,
    }
    assert [one["student"] for one in values(publisher, STUDENT)] == [1, 2]


def test_loading_again_adds_nothing(tmp_path: Path) -> None:
    content = HEADER + b"S1,,sam,c1,,UG,,,,2019-09-30,\n"
    numbers = itertools.count(1)
    registrar = Registrar(SITE_KEY, {}, set(), lambda limit: next(numbers))
    _, first, _ = load(content, tmp_path, registrar)
    account, again, writer = load(content, tmp_path, registrar)
    assert account.identifiers == 0
    assert writer.written == []
    assert again.log == first.log


def test_erased_people_are_not_brought_back_and_a_new_card_is_suppressed(tmp_path: Path) -> None:
    registrar = Registrar(SITE_KEY, {}, set(), lambda limit: 1)
    load(HEADER + b"S1,,,c1,,UG,,,,2019-09-30,\n", tmp_path, registrar)
    registrar.suppress(Scheme.STUDENT, "S1")
    account, publisher, writer = load(HEADER + b"S1,,,c2,,UG,,,,2019-09-30,\n", tmp_path, registrar)
    assert account.skipped == {"erased": 1}
    assert account.is_reconciled
    assert account.suppressed == 3
    assert publisher.log == []
    assert {part.topic.name for part in writer.written} == {"erased"}


@settings(max_examples=40)
@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_whatever_make_it_fail(content: bytes, has_header: bool) -> None:
    with TemporaryDirectory() as folder:
        account, _, _ = load((HEADER if has_header else b"") + content, Path(folder))
    assert account.is_reconciled
