"""However many requests a visit to a platform takes, it is one."""

from pathlib import Path

from schemas.topics import ACTIVITY
from schemas.types import Kind
from tests.connectors.connected import connected, people
from tests.connectors.ezproxy.case import CASE, request
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.world import PARTITIONS, values


def ids(folder: Path, rows: list[bytes]) -> set[object]:
    CASE.write(folder, rows)
    publisher = MemoryPublisher(PARTITIONS)
    connected(CASE.build(folder), publisher, people(CASE.people))
    return {record["event_id"] for record in values(publisher, ACTIVITY[Kind.LIBRARY_LOAN])}


def test_requests_of_an_hour_to_one_platform_are_one_visit(tmp_path: Path) -> None:
    rows = [
        request("sam", f"http://{host}/{page}", f"30/Nov/2012:00:{page}:10 +0100")
        for page in range(10, 60, 7)
        for host in ("www.a.org", "a.org:80", "A.ORG")
    ]
    assert len(ids(tmp_path, rows)) == 1
    assert ids(tmp_path, rows) == ids(tmp_path, rows[-1:])


def test_another_platform_hour_or_person_is_another_visit(tmp_path: Path) -> None:
    rows = [
        request("sam", "http://a.org/"),
        request("sam", "http://b.org/"),
        request("sam", "http://a.org/", "30/Nov/2012:01:13:10 +0100"),
        request("kim", "http://a.org/"),
    ]
    assert len(ids(tmp_path, rows)) == 4
