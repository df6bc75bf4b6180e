-- Who is a student, what is expected, and what could not be accepted.

CREATE TABLE IF NOT EXISTS student
(
    student     Int64 COMMENT 'pseudonym',
    recorded_at DateTime64(3, 'UTC'),
    periods     Array(Tuple(
        first_day Date32,
        last_day  Nullable(Date32),
        level     LowCardinality(String),
        mode      LowCardinality(String),
        programme LowCardinality(String),
        status    LowCardinality(String))),
    tutor       Nullable(String) COMMENT 'pseudonym'
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY student;

CREATE TABLE IF NOT EXISTS expectation
(
    student     Int64 COMMENT 'pseudonym',
    item        String COMMENT 'coursework due, or a timetabled session',
    kind        LowCardinality(String) COMMENT 'the activity that meets it',
    module      LowCardinality(Nullable(String)),
    due         Date32 COMMENT 'campus day',
    recorded_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (student, item);

-- Records and rows that were not accepted, with their bytes. Of one that was refused again, the
-- row that was seen first stays.
CREATE TABLE IF NOT EXISTS quarantine
(
    reason      LowCardinality(String),
    message     String,
    origin      String COMMENT 'file:line, or topic[partition]@offset',
    feed        LowCardinality(String),
    topic       LowCardinality(String) COMMENT 'empty for a row of a source',
    `partition` Int32 COMMENT '-1 for a row of a source',
    `offset`    Int64 COMMENT 'the line number for a row of a source',
    first_seen  DateTime64(3, 'UTC'),
    key         Nullable(String),
    raw         Nullable(String) COMMENT 'the bytes, as they came',
    precedence  UInt64 MATERIALIZED toUInt64(9007199254740992 - toUnixTimestamp64Milli(first_seen))
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (topic, `partition`, `offset`, origin);
