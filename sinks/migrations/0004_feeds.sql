-- What feeds lack, and what counts of what they brought.

CREATE TABLE IF NOT EXISTS feed_gap
(
    feed         LowCardinality(String),
    day          Date32 COMMENT 'the campus day that the feed lacks',
    origin       LowCardinality(String) COMMENT 'deadline: ends with its mark; declared: by hand',
    declared_on  Date32 COMMENT 'campus day in progress then',
    withdrawn_on Nullable(Date32) COMMENT 'null while it holds',
    decided_at   DateTime64(3, 'UTC'),
    writer       LowCardinality(String) COMMENT 'process and ownership, or who declared it'
)
ENGINE = ReplacingMergeTree(decided_at)
ORDER BY (feed, day);

-- The events that count: of an id the highest revision decides, and a retraction wins a tie.
-- Asked for one student it reads that student's rows alone.
CREATE VIEW IF NOT EXISTS activity AS
SELECT
    student,
    kind,
    occurred_at,
    event_id,
    max(revision) AS latest_revision,
    argMax(feed, (revision, action)) AS latest_feed,
    argMax(details, (revision, action)) AS latest_details
FROM event FINAL
GROUP BY student, kind, occurred_at, event_id
HAVING argMax(action, (revision, action)) = 'assert';
