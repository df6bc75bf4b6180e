-- What students did.

-- One row for every id, revision and action that was published. Of an event that was read again,
-- the row with the earliest recorded_at stays.
CREATE TABLE IF NOT EXISTS event
(
    event_id    FixedString(16),
    student     Int64 COMMENT 'pseudonym',
    kind        LowCardinality(String),
    occurred_at DateTime64(3, 'UTC'),
    recorded_at DateTime64(3, 'UTC') COMMENT 'when the source recorded it first',
    feed        LowCardinality(String),
    revision    Int32 COMMENT 'of an id the highest decides; a retraction wins a tie',
    action      LowCardinality(String) COMMENT 'assert or retract',
    details     String COMMENT 'the fields of its kind that are not null, as JSON',
    -- 2^53 less the milliseconds: an earlier recorded_at is a later version
    precedence  UInt64 MATERIALIZED toUInt64(9007199254740992 - toUnixTimestamp64Milli(recorded_at))
)
ENGINE = ReplacingMergeTree(precedence)
PARTITION BY toYYYYMM(occurred_at)
ORDER BY (student, kind, occurred_at, event_id, revision, action);

-- Events of a student and campus day, by kind.
CREATE TABLE IF NOT EXISTS daily
(
    student       Int64 COMMENT 'pseudonym',
    day           Date32 COMMENT 'campus day',
    revision      Int32 COMMENT 'grows with each publication',
    tap_in        UInt32,
    faser_upload  UInt32,
    faser_view    UInt32,
    library_loan  UInt32,
    listen_again  UInt32,
    pc_login      UInt32,
    reading_list  UInt32,
    moodle_course UInt32,
    moodle_login  UInt32,
    moodle_mobile UInt32,
    counted_at    DateTime64(3, 'UTC'),
    writer        LowCardinality(String) COMMENT 'process and ownership that wrote it'
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(day)
ORDER BY (student, day);
