"""The registry of metrics: every figure a process tells, with what it means.

Dashboards and alert rules may use these names and no others. Durations are seconds, sizes bytes.
`phase` is `replay` for what was read to rebuild state, `live` for what is new.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_WORK_SECONDS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


class WorkerMetrics:
    """What a stream worker tells."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.events_read = Counter(
            "leap_events_read",
            "Activity records read; the sum of applied, duplicate, too late and quarantined",
            ["topic", "phase"],
            registry=registry,
        )
        self.events_applied = Counter(
            "leap_events_applied", "Events counted", ["topic", "phase"], registry=registry
        )
        self.events_duplicate = Counter(
            "leap_events_duplicate",
            "Events whose id was counted already",
            ["topic", "phase"],
            registry=registry,
        )
        self.events_too_late = Counter(
            "leap_events_too_late",
            "Events older than the horizon when they were appended; stored, but without effect",
            ["topic", "phase"],
            registry=registry,
        )
        self.events_quarantined = Counter(
            "leap_events_quarantined",
            "Records that were not accepted",
            ["topic", "phase"],
            registry=registry,
        )
        self.records_fast = Counter(
            "leap_records_fast_path",
            "Records decoded as blocks",
            ["topic"],
            registry=registry,
        )
        self.records_slow = Counter(
            "leap_records_slow_path",
            "Records decoded one by one",
            ["topic"],
            registry=registry,
        )
        self.lag = Gauge(
            "leap_lag_records",
            "Records behind the end of the log, as of the last commit interval",
            ["topic", "partition"],
            registry=registry,
        )
        self.partition_state = Gauge(
            "leap_partition_state",
            "1 for the state a partition is in: idle, memory, replay, live, paused",
            ["partition", "state"],
            registry=registry,
        )
        self.replay_remaining = Gauge(
            "leap_replay_remaining_records",
            "Records still to be applied before a partition is live",
            ["partition"],
            registry=registry,
        )
        self.closed_day = Gauge(
            "leap_closed_day",
            "The last closed campus day, as days since 1970-01-01",
            ["partition"],
            registry=registry,
        )
        self.days_given_up = Counter(
            "leap_days_given_up",
            "Campus days never closed: marks stayed away for longer than the ring holds",
            registry=registry,
        )
        self.decode_seconds = Histogram(
            "leap_slice_decode_seconds",
            "Decoding and checking one slice",
            buckets=_WORK_SECONDS,
            registry=registry,
        )
        self.kernel_seconds = Histogram(
            "leap_kernel_seconds",
            "Applying, closing and comparing in one cycle of a partition",
            buckets=_WORK_SECONDS,
            registry=registry,
        )
        self.publish_seconds = Histogram(
            "leap_publish_seconds",
            "Encoding and committing the transaction of one cycle",
            buckets=_WORK_SECONDS,
            registry=registry,
        )
        self.records_published = Counter(
            "leap_records_published", "Records committed", ["topic"], registry=registry
        )
        self.changes_published = Counter(
            "leap_changes_published",
            "Changes of status or band",
            ["cause"],
            registry=registry,
        )


class SinkMetrics:
    """What a ClickHouse sink tells."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.rows_loaded = Counter(
            "leap_rows_loaded", "Rows inserted into ClickHouse", ["table"], registry=registry
        )
        self.records_rejected = Counter(
            "leap_sink_records_rejected",
            "Records that the sink could not decode; they stay on their topic",
            ["topic"],
            registry=registry,
        )
        self.insert_seconds = Histogram(
            "leap_insert_seconds",
            "One insert into ClickHouse",
            ["table"],
            buckets=_WORK_SECONDS,
            registry=registry,
        )
        self.insert_retries = Counter(
            "leap_insert_retries",
            "Inserts that ClickHouse did not accept and that were tried again",
            registry=registry,
        )
        self.lag = Gauge(
            "leap_sink_lag_records",
            "Records behind the end of the log",
            ["topic", "partition"],
            registry=registry,
        )


class CollectorMetrics:
    """What the HTTP collector tells."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.requests = Counter(
            "leap_collector_requests", "Requests answered", ["status"], registry=registry
        )
        self.request_seconds = Histogram(
            "leap_collector_request_seconds",
            "From a request's arrival to its answer; of those accepted, Kafka's part included",
            buckets=_WORK_SECONDS,
            registry=registry,
        )
        self.events_published = Counter(
            "leap_collector_events_published",
            "Activities that Kafka acknowledged",
            ["feed", "kind"],
            registry=registry,
        )
        self.statements_skipped = Counter(
            "leap_collector_statements_skipped",
            "Statements accepted that are no activity, by the rule that says so",
            ["feed", "rule"],
            registry=registry,
        )
        self.statements_quarantined = Counter(
            "leap_collector_statements_quarantined",
            "Statements accepted that wait in quarantine",
            ["feed", "reason"],
            registry=registry,
        )
        self.days_marked = Counter("leap_collector_days_marked", "Marks written", registry=registry)
        self.waiting = Gauge(
            "leap_collector_waiting_records",
            "Records that Kafka has not acknowledged yet",
            registry=registry,
        )

    def answered(self, status: int, seconds: float) -> None:
        """A request was answered."""
        self.requests.labels(str(status)).inc()
        self.request_seconds.observe(seconds)


class ConnectorMetrics:
    """What sources that are followed tell; counted since the process began."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.rows = Counter("leap_connector_rows", "Rows read", ["source"], registry=registry)
        self.events_published = Counter(
            "leap_connector_events_published",
            "Activities that Kafka acknowledged",
            ["source", "kind"],
            registry=registry,
        )
        self.skipped = Counter(
            "leap_connector_skipped",
            "Rows and activities that rightly led to nothing, by the rule that says so",
            ["source", "rule"],
            registry=registry,
        )
        self.quarantined = Counter(
            "leap_connector_quarantined",
            "Rows and activities that went to quarantine",
            ["feed", "reason"],
            registry=registry,
        )
        self.failures = Counter(
            "leap_connector_failures",
            "Looks at a source that ended with an error; each is repeated",
            ["source"],
            registry=registry,
        )
        self.last_read = Gauge(
            "leap_connector_last_read_timestamp_seconds",
            "When a source was read to its end last",
            ["source"],
            registry=registry,
        )
