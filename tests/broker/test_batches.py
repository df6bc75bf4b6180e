"""Headers of batches."""

from broker.batches import Batch


def test_a_control_batch_that_compaction_has_emptied_ends_nothing() -> None:
    """The broker keeps its header for as long as it knows the producer."""
    emptied = Batch(
        base_offset=5,
        next_offset=6,
        count=0,
        codec=0,
        is_control=True,
        is_transactional=True,
        producer_id=1,
        max_timestamp=0,
        payload=memoryview(b""),
    )
    assert not emptied.is_abort_marker
