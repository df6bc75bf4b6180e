"""What the xAPI face promises to those who send."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.collector.face import (
    BEARER,
    SECRET,
    STATEMENTS,
    VERSION,
    World,
    sender,
    statement,
)
from tests.connectors.world import by_id


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


def test_a_statement_that_is_acknowledged_is_stored_with_what_it_says(world: World) -> None:
    answer = world.post(statement())
    assert (answer.status_code, answer.json()) == (200, [statement()["id"]])
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"
    (event,) = world.events
    assert (event["kind"], event["student"], event["feed"]) == (
        Kind.MOODLE_COURSE,
        1,
        "moodle.xapi",
    )
    assert (event["module"], event["object"]) == ("42", "42")
    assert event["occurred_at"] == 1_699_954_200_000


def test_a_list_is_answered_with_its_ids_in_order(world: World) -> None:
    sent = [statement(n) for n in (3, 1, 2)]
    assert world.post(sent).json() == [one["id"] for one in sent]
    assert len(world.events) == 3


def test_put_stores_one_statement_under_the_id_of_the_request(world: World) -> None:
    nameless = statement()
    name = str(nameless.pop("id"))
    answer = world.put(nameless, name)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"
    assert world.put(statement(), name).status_code == 204  # a repeat
    assert world.post(statement()).status_code == 200  # the same again, the other way
    assert len(world.events) == 1


@pytest.mark.parametrize(
    ("name", "document"),
    [
        (None, statement()),
        ("none", statement()),
        ("00000000-0000-4000-8000-000000000002", statement(1)),
        ("00000000-0000-4000-8000-000000000001", [statement(1)]),
    ],
)
def test_put_needs_an_id_that_is_the_statements(
    world: World, name: str | None, document: object
) -> None:
    assert world.put(document, name).status_code == 400
    assert world.events == []


def test_a_repeat_changes_nothing_and_a_conflict_is_refused_whole(world: World) -> None:
    world.post(statement(1))
    assert world.post(statement(1)).status_code == 200
    other = statement(1, timestamp="2023-11-14T10:00:00Z")
    for document in (other, [statement(2), other]):
        answer = world.post(document)
        assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
        assert "id of its own" in answer.json()["message"]
    assert len(world.publisher.log) == 1
    assert world.skipped() == {"repeated": 1}


def test_conflicts_are_noticed_after_a_restart(tmp_path: Path) -> None:
    with World(memory=tmp_path / "ids.sqlite") as world:
        world.post(statement(1))
        world.restart()
        assert world.post(statement(1, "8")).status_code == 409
        assert world.post(statement(1)).status_code == 200


def test_a_statement_that_says_no_time_keeps_its_event_id_when_it_comes_again(
    tmp_path: Path,
) -> None:
    with World(memory=tmp_path / "ids.sqlite") as world:
        undated = statement()
        del undated["timestamp"]
        world.deliveries.is_away = True
        assert world.post(undated).status_code == 503
        world.deliveries.is_away = False
        world.now_ms += 60_000
        world.restart()
        assert world.post(undated).status_code == 200
        assert len(world.publisher.log) == 2  # stored twice, since the first answer was no
        assert len(by_id(world.publisher)) == 1


def test_a_statement_without_id_is_the_same_when_it_comes_again(world: World) -> None:
    nameless = statement()
    del nameless["id"]
    (name,) = world.post(nameless).json()
    assert world.post(nameless).json() == [name]
    assert len(world.events) == 1


def test_one_invalid_statement_refuses_its_whole_list_and_says_which_and_why(world: World) -> None:
    answer = world.post([statement(1), statement(2, verb={"id": "viewed"})])
    assert answer.status_code == 400
    assert "statements[1].verb.id" in answer.json()["message"]
    assert world.publisher.log == []
    assert world.post(statement(1)).status_code == 200  # nothing was remembered either


def without(name: str) -> dict[str, object]:
    found = statement()
    del found[name]
    return found


@pytest.mark.parametrize(
    "document",
    [
        without("actor"),
        without("verb"),
        without("object"),
        statement(id="1"),
        statement(id=None),
        statement(surprise=1),
        statement(actor={}),
        statement(actor={"mbox": "ada@example.org"}),
        statement(actor={"mbox": "mailto:a@b", "openid": "https://b"}),
        statement(actor={"account": {"name": "7"}}),
        statement(object={}),
        statement(object={"id": "page"}),
        statement(object={"objectType": "SubStatement"}),
        statement(timestamp="yesterday"),
        statement(timestamp="2023-02-30T09:00:00Z"),
        statement(timestamp="2023-11-14T09:30:00-00:00"),
        statement(timestamp="1066-10-14T09:00:00Z"),
        statement(timestamp=1_699_954_200),
        statement(result={"score": {"scaled": 2}}),
        statement(context={"platform": None}),
        statement(version="2.0.0"),
        [statement(1), statement(1)],
        "statement",
        [[statement()]],
        None,
    ],
)
def test_what_is_no_statement_is_refused_with_a_sentence(world: World, document: object) -> None:
    answer = world.post(document)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")
    assert len(answer.json()["message"]) > 20
    assert world.publisher.log == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b"NaN", b"[" * 2000, b'{"id": "\\ud800"}', b'[{"id": 1e999}]'],
)
def test_what_is_no_json_is_refused_with_a_sentence(world: World, body: bytes) -> None:
    answer = world.client.post(STATEMENTS, content=body, headers={**BEARER, **VERSION})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")


def test_null_is_refused_wherever_it_stands_and_the_place_is_named(world: World) -> None:
    page = statement()["object"]
    assert isinstance(page, dict)
    for changed, place in (
        ({"context": {"platform": None}}, "context.platform"),
        ({"object": {**page, "definition": {"choices": [None]}}}, "object.definition.choices.0"),
        ({"attachments": [{"sha2": None}]}, "attachments.0.sha2"),
    ):
        message = world.post([statement(1), statement(2, **changed)]).json()["message"]
        assert f"statements[1].{place} is null" in message.replace("[0]", ".0")
    named = {"extensions": {"https://example.org/x": None}, "platform": "null"}
    assert world.post(statement(1, context=named)).status_code == 200


def test_half_of_a_surrogate_pair_is_refused(world: World) -> None:
    body = b'{"id":"00000000-0000-4000-8000-000000000001","actor":{"mbox":"mailto:a@b"},'
    body += b'"verb":{"id":"a:b"},"object":{"id":"a:\\ud800"}}'
    answer = world.client.post(STATEMENTS, content=body, headers={**BEARER, **VERSION})
    assert answer.status_code == 400
    assert "surrogate" in answer.json()["message"]


@pytest.mark.parametrize("version", [None, "2.0.0", "0.95", "1.1", "x"])
def test_the_version_has_to_be_said(world: World, version: str | None) -> None:
    headers = BEARER if version is None else {**BEARER, "X-Experience-API-Version": version}
    answer = world.client.post(STATEMENTS, json=statement(), headers=headers)
    assert answer.status_code == 400
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"
    assert "X-Experience-API-Version: 1.0.3" in answer.json()["message"]


@pytest.mark.parametrize(
    "header",
    [None, "Bearer", "Bearer wrong", f"Basic {SECRET}", "Digest x", "Basic bW9vZGxlOndyb25n"],
    ids=["none", "no token", "wrong token", "token as basic", "digest", "wrong password"],
)
def test_nobody_sends_without_credentials(world: World, header: str | None) -> None:
    headers = VERSION if header is None else {**VERSION, "Authorization": header}
    answer = world.client.post(STATEMENTS, json=statement(), headers=headers)
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]
    assert world.publisher.log == []


def test_basic_credentials_are_the_senders_name_and_secret(world: World) -> None:
    def status(name: str) -> int:
        return world.client.post(
            STATEMENTS, json=statement(), headers=VERSION, auth=(name, SECRET)
        ).status_code

    assert (status("moodle"), status("panopto")) == (200, 401)


def test_who_is_unknown_waits_and_who_was_erased_is_left_out(world: World) -> None:
    answer = world.post([statement(1), statement(2, "99"), statement(3, "8")])
    assert answer.status_code == 200
    assert len(world.events) == 1
    (waiting,) = world.quarantined
    assert (waiting["reason"], waiting["feed"]) == (Reason.UNKNOWN_IDENTITY, "moodle.xapi")
    assert waiting["key"] is not None
    assert world.skipped() == {"erased": 1}


def test_what_lies_in_the_future_is_quarantined(world: World) -> None:
    assert world.post(statement(timestamp="2033-01-01T00:00:00Z")).status_code == 200
    assert [one["reason"] for one in world.quarantined] == [Reason.FUTURE]


def test_what_is_no_activity_is_accepted_and_counted(world: World) -> None:
    sent = [
        statement(1, verb={"id": "http://adlnet.gov/expapi/verbs/passed"}),
        statement(
            2,
            verb={"id": "http://adlnet.gov/expapi/verbs/voided"},
            object={"objectType": "StatementRef", "id": statement()["id"]},
        ),
        statement(3, actor={"mbox_sha1sum": "a" * 40}),
        statement(4, actor={"objectType": "Group", "member": [{"mbox": "mailto:a@b"}]}),
        statement(5, object={"objectType": "Agent", "mbox": "mailto:a@b"}),
    ]
    assert world.post(sent).status_code == 200
    assert world.publisher.log == []
    assert world.skipped() == dict.fromkeys(
        ("other_event", "voids_unknown", "nameless_actor", "group", "no_activity"), 1
    )


def test_while_kafka_is_away_nothing_is_acknowledged_and_later_it_is_stored_once(
    world: World,
) -> None:
    world.deliveries.is_away = True
    sent = [statement(n) for n in range(10)]
    answer = world.post(sent)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    world.deliveries.is_away = False
    assert world.post(sent).status_code == 200
    assert len(by_id(world.publisher)) == 10


def test_when_too_much_waits_it_is_told_to_come_again(world: World) -> None:
    world.deliveries.waiting, world.deliveries.limit = 100, 100
    answer = world.post(statement())
    assert (answer.status_code, answer.json()["error"]) == (503, "overloaded")
    assert int(answer.headers["Retry-After"]) >= 1


def test_who_sends_too_fast_is_told_when_to_come_again_and_then_may() -> None:
    with World([sender(rate=10, burst=20)]) as world:
        assert world.post([statement(n) for n in range(20)]).status_code == 200
        answer = world.post([statement(n) for n in range(20, 40)])
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
        world.now_s += 2
        assert world.post([statement(n) for n in range(20, 40)]).status_code == 200
        assert world.post([statement(n) for n in range(21)]).status_code == 413


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_body_above_the_limit_is_refused(is_announced: bool) -> None:
    with World(body_limit_bytes=1000) as world:
        body = b" " * 1001
        headers = {**BEARER, **VERSION}
        content = body if is_announced else iter([body[:500], body[500:]])
        answer = world.client.post(STATEMENTS, content=content, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


@pytest.mark.parametrize(
    "headers", [{"Content-Type": "multipart/mixed; boundary=x"}, {"Content-Encoding": "gzip"}]
)
def test_what_is_not_plain_json_is_refused(world: World, headers: dict[str, str]) -> None:
    assert world.post(statement(), **headers).status_code == 400


def test_anybody_may_ask_about_versions_health_metrics_and_the_interface(world: World) -> None:
    client = world.client
    assert client.get("/xAPI/about").json()["version"] == ["1.0.3"]
    assert client.get("/health").json() == {"healthy": True}
    world.post(statement())
    assert "leap_collector_events_published_total" in client.get("/metrics").text
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/xAPI/statements", "/xAPI/about", "/caliper", "/health", "/metrics"} == set(paths)
    assert client.get("/docs").status_code == 200


def test_health_says_when_kafka_has_not_answered_for_long(world: World) -> None:
    world.deliveries.waiting_s = 16
    assert world.client.get("/health").status_code == 503


def test_statements_are_not_given_out(world: World) -> None:
    answer = world.client.get(STATEMENTS)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST, PUT")
