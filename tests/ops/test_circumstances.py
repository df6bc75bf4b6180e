"""What is published of circumstances is what the file says, once."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from broker.publisher import KafkaPublisher
from connectors.circumstances.file import CircumstanceFile
from connectors.zones import Zone
from ops.circumstances import holding, publish_file
from ops.generation import open_generation
from ops.whose import PSEUDONYM
from schemas.keys import number_key, partition_of, student_key
from schemas.topics import CIRCUMSTANCE, DAY_CLOSED, STUDENT
from schemas.types import Clock, Day, StudentId
from schemas.wire import encode
from scoring.days import date_of
from streams.campus import as_instant
from tests.leap import app
from tests.ops.site import Site

FILE = """\
student,sort,kinds,first,last
11,placement,,2024-10-01,2024-10-14
12,authorised_absence,tap_in,2024-10-03,2024-10-03
12,authorised_absence,tap_in,2024-02-30,2024-10-03
"""


def test_check_tells_what_is_refused_with_its_line_and_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "circumstances.csv"
    file.write_text(FILE)
    result = CliRunner().invoke(app, ["circumstances", "check", str(file), "--json"])
    assert result.exit_code == 1
    assert "circumstances.csv:4: first is '2024-02-30'" in result.output
    assert '"declared": 2' in result.output
    file.write_text("".join(FILE.splitlines(keepends=True)[:3]))
    assert CliRunner().invoke(app, ["circumstances", "check", str(file)]).exit_code == 0


@pytest.mark.stack
def test_a_file_is_published_once_and_what_it_leaves_out_is_withdrawn(
    site: Site, tmp_path: Path
) -> None:
    context = site.context.with_generation("circumstances", clock=Clock.REPLAY, partitions=2)
    generation = open_generation(context)
    publisher = KafkaPublisher(generation.client, say=lambda sentence: None)
    for student in map(StudentId, (11, 12)):
        record = {"student": student, "recorded_at": 0, "periods": [], "tutor": None}
        publisher.publish(
            STUDENT.full_name(generation.name),
            [encode(STUDENT, generation.schema_ids[STUDENT], record)],
            [student_key(student)],
            [partition_of(student, 2)],
        )
    publisher.flush()
    file = tmp_path / "circumstances.csv"
    file.write_text(
        "".join(FILE.splitlines(keepends=True)[:3]) + "13,placement,,2024-10-01,2024-10-02\n"
    )
    read = CircumstanceFile(file, Zone.of(generation.zone))

    def publish() -> dict[str, object]:
        return publish_file(context, generation, read, PSEUDONYM, lambda said: None).as_record()

    first = publish()
    assert (first["declared"], first["refused"]) == (2, 1)
    assert publish() == {**first, "declared": 0, "unchanged": 2}
    assert sorted(one.student for one in holding(generation)) == [11, 12]
    closed = {
        "partition": 0,
        "day": date_of(20_000),
        "students": 1,
        "closed_at": as_instant(0),
        "writer": "w",
    }
    generation.publish(DAY_CLOSED, number_key(0), closed)
    file.write_text("".join(FILE.splitlines(keepends=True)[:2]))
    assert publish()["withdrawn"] == 1
    assert [one.student for one in holding(generation)] == [11]
    said = generation.read(CIRCUMSTANCE).filter(student=12)
    assert said["withdrawn_on"].to_list() == [None, Day(20_001)]
