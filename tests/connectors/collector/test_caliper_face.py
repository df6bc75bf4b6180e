"""What the Caliper face promises to those who send."""

from collections.abc import Iterator

import pytest

from schemas.types import Kind
from tests.connectors.collector.face import World, envelope, event
from tests.connectors.world import by_id


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.mark.parametrize("version", ["v1p1", "v1p2"])
def test_an_event_that_is_acknowledged_is_stored_with_what_it_says(
    world: World, version: str
) -> None:
    answer = world.send(envelope(event(), version=version))
    assert (answer.status_code, answer.json()) == (200, {"accepted": 1})
    (stored,) = world.events
    assert (stored["kind"], stored["student"]) == (Kind.MOODLE_COURSE, 1)
    assert (stored["module"], stored["object"]) == ("42", "9")


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"type": "SessionEvent", "action": "LoggedIn"}, Kind.MOODLE_LOGIN),
        ({"type": "AssignableEvent", "action": "Submitted"}, Kind.FASER_UPLOAD),
        ({"type": "AssignableEvent", "action": "Reviewed"}, Kind.FASER_VIEW),
        ({"type": "MediaEvent", "action": "Started"}, Kind.LISTEN_AGAIN),
        ({"type": "ViewEvent", "action": "Viewed"}, Kind.MOODLE_COURSE),
    ],
)
def test_events_are_activities_of_their_kind(
    world: World, changed: dict[str, object], kind: Kind
) -> None:
    assert world.send(envelope(event(**changed))).status_code == 200
    assert [one["kind"] for one in world.events] == [kind]


@pytest.mark.parametrize("actor", ["https://elsewhere.example/users/ada", "mailto:ada@example.org"])
def test_an_actor_may_be_an_address(world: World, actor: str) -> None:
    assert world.send(envelope(event(actor=actor))).status_code == 200
    assert len(world.events) == 1


def test_entities_and_other_events_are_accepted_and_counted(world: World) -> None:
    entity = {"id": "https://moodle.example.ac.uk/user/7", "type": "Person"}
    machine = {"id": "https://moodle.example.ac.uk", "type": "SoftwareApplication"}
    sent = [
        entity,
        {**entity, "name": "changed since"},
        event(1, type="ForumEvent", action="Subscribed"),
        event(2, actor=machine),
    ]
    assert world.send(envelope(*sent)).json() == {"accepted": 4}
    assert world.skipped() == {"entity": 2, "other_event": 1, "no_person": 1}


def test_a_repeat_changes_nothing_and_a_conflict_is_refused(world: World) -> None:
    world.send(envelope(event(1), event(1)))
    assert world.send(envelope(event(1))).status_code == 200
    assert len(by_id(world.publisher)) == 1
    assert world.send(envelope(event(1, "99"))).status_code == 409
    assert world.send(envelope(event(2), event(2, "99"))).status_code == 400


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        envelope(event(), version="v1p0"),
        {**envelope(event()), "sendTime": "now"},
        {**envelope(event()), "data": event()},
        envelope(event(1), "event"),
        envelope(event(1), event(2, id="2")),
        envelope(event(1), event(2, id="urn:uuid:2")),
        envelope(event(1), event(2, eventTime="today")),
        envelope(event(1), event(2, action=None)),
        envelope(event(1), {"type": "Person"}),
    ],
)
def test_what_is_no_envelope_is_refused_whole_with_a_sentence(
    world: World, document: object
) -> None:
    answer = world.send(document)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid")
    assert len(answer.json()["message"]) > 20
    assert world.publisher.log == []
