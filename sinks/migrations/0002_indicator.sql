-- What the activity comes to.

-- The indicator of each student as of now.
CREATE TABLE IF NOT EXISTS indicator
(
    student       Int64 COMMENT 'pseudonym',
    as_of         Date32 COMMENT 'campus day in progress',
    complete      Date32 COMMENT 'last closed campus day',
    status        LowCardinality(String),
    band          LowCardinality(String) COMMENT 'none unless scored',
    score         Nullable(Float64) COMMENT '0 to 100',
    reason        LowCardinality(String) COMMENT 'why there is no score',
    contributions Array(Tuple(
        kind    LowCardinality(String),
        counted Bool,
        reason  LowCardinality(String),
        amount  Int64,
        days    Float64,
        rate    Float64,
        points  Float64,
        weight  Float64)),
    policy        Int32 COMMENT 'version of the policy',
    sequence      Int64 COMMENT 'number of the last change that led here',
    version       Int64 COMMENT 'grows with each publication',
    computed_at   DateTime64(3, 'UTC'),
    writer        LowCardinality(String) COMMENT 'process and ownership that wrote it'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY student;

-- The closing indicator of each campus day: as it stood at the first moment of the next.
CREATE TABLE IF NOT EXISTS indicator_day
(
    student       Int64 COMMENT 'pseudonym',
    day           Date32 COMMENT 'the closed campus day',
    status        LowCardinality(String),
    band          LowCardinality(String) COMMENT 'none unless scored',
    score         Nullable(Float64) COMMENT '0 to 100',
    reason        LowCardinality(String) COMMENT 'why there is no score',
    contributions Array(Tuple(
        kind    LowCardinality(String),
        counted Bool,
        reason  LowCardinality(String),
        amount  Int64,
        days    Float64,
        rate    Float64,
        points  Float64,
        weight  Float64)),
    policy        Int32 COMMENT 'version of the policy',
    revision      Int32 COMMENT '0 when the day closed; grows when it is recomputed',
    cause         LowCardinality(String) COMMENT 'what moved it',
    computed_at   DateTime64(3, 'UTC'),
    writer        LowCardinality(String) COMMENT 'process and ownership that wrote it'
)
ENGINE = ReplacingMergeTree(revision)
PARTITION BY toYYYYMM(day)
ORDER BY (student, day);

-- Every change of status or band. Not partitioned: a student's chain is short, and its key has no
-- date; a change that is loaded again is the same record.
CREATE TABLE IF NOT EXISTS indicator_change
(
    student         Int64 COMMENT 'pseudonym',
    sequence        Int64 COMMENT '1, 2, 3 ... a student',
    as_of           Date32 COMMENT 'campus day in progress',
    previous_status LowCardinality(String) COMMENT 'none before the first',
    previous_band   LowCardinality(String),
    status          LowCardinality(String),
    band            LowCardinality(String),
    score           Nullable(Float64),
    cause           LowCardinality(String),
    policy          Int32,
    changed_at      DateTime64(3, 'UTC'),
    writer          LowCardinality(String) COMMENT 'process and ownership that wrote it'
)
ENGINE = ReplacingMergeTree
ORDER BY (student, sequence);
