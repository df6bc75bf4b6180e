"""The view of the events that count, held against a dictionary."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.topics import ACTIVITY
from schemas.types import Kind
from schemas.wire import Record
from tests.sinks.conftest import Store
from tests.sinks.loading import load, loads_of, written
from tests.sinks.rows import instant

TOPIC = ACTIVITY[Kind.TAP_IN]
EVENTS = st.lists(
    st.builds(
        lambda number, student, revision, retracts: {
            "event_id": bytes([number] * 16),
            "student": student,
            "occurred_at": instant(1_400_000_000_000),
            "recorded_at": instant(1_400_000_001_000),
            "feed": f"feed of revision {revision}",
            "revision": revision,
            "action": "retract" if retracts else "assert",
            "reader": None,
            "room": None,
            "session": f"session {revision}",
        },
        number=st.integers(0, 3),
        student=st.integers(1, 2),
        revision=st.integers(0, 2),
        retracts=st.booleans(),
    ),
    max_size=20,
)


@settings(max_examples=15)
@given(events=EVENTS)
def test_of_an_id_the_highest_revision_decides_and_a_retraction_wins_a_tie(
    shared_store: Store, events: Sequence[Record]
) -> None:
    shared_store.empty()
    load(shared_store.loader(), loads_of(TOPIC, written(TOPIC, events)))
    rows = shared_store.client.query(
        "SELECT student, event_id, latest_revision, latest_details FROM activity"
    ).result_rows
    highest: dict[tuple[object, object], tuple[int, str]] = {}
    for event in events:
        key = (event["student"], event["event_id"])
        said = (int(str(event["revision"])), str(event["action"]))  # "retract" is behind "assert"
        highest[key] = max(said, highest.get(key, said))
    wanted = {key: revision for key, (revision, action) in highest.items() if action == "assert"}
    assert {(row[0], row[1]): row[2] for row in rows} == wanted
    assert all(f'"session {revision}"' in details for _, _, revision, details in rows)
