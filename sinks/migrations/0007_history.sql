-- What was known when, and what a closing follows from.

-- Every closing that was ever published: a correction replaces none. A revision that is loaded again
-- is the same row. What was published before this table was made is in indicator_day, as far as no
-- later revision has replaced it there; who asks what was known reads both.
CREATE TABLE IF NOT EXISTS indicator_day_history
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
        weight  Float64,
        due     Int64)),
    policy        Int32 COMMENT 'version of the policy',
    revision      Int32 COMMENT '0 when the day closed; grows when it is recomputed',
    cause         LowCardinality(String) COMMENT 'what moved it',
    computed_at   DateTime64(3, 'UTC') COMMENT 'known from then on',
    writer        LowCardinality(String) COMMENT 'process and ownership that wrote it'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (student, day, revision, computed_at);

-- Every state of an alert that was ever published.
CREATE TABLE IF NOT EXISTS alert_history
(
    student     Int64 COMMENT 'pseudonym',
    alert       String COMMENT 'rule@day it was raised: with the student, what it is known by',
    rule        LowCardinality(String) COMMENT 'name of the rule of the policy',
    raised      Date32 COMMENT 'the day whose closing raised it',
    ended       Nullable(Date32) COMMENT 'the day whose closing ended it; null while it is open',
    state       LowCardinality(String) COMMENT 'open, closed, or withdrawn',
    evidence    String COMMENT 'why it was raised, as a sentence',
    figures     Array(Tuple(name String, value Int64)) COMMENT 'the numbers in the evidence',
    suggestion  LowCardinality(String) COMMENT 'what the person who reads it might do',
    note        LowCardinality(String) COMMENT 'that it is a suggestion, and decides nothing',
    policy      Int32 COMMENT 'version of the policy that raised it',
    revision    Int32 COMMENT '0 when it is raised; grows with each publication',
    cause       LowCardinality(String) COMMENT 'what moved it',
    computed_at DateTime64(3, 'UTC') COMMENT 'known from then on',
    writer      LowCardinality(String) COMMENT 'process and ownership that wrote it'
)
ENGINE = ReplacingMergeTree
ORDER BY (student, alert, revision, computed_at);

-- Versions of the policy; none is ever edited.
CREATE TABLE IF NOT EXISTS policy
(
    version      Int32,
    valid_from   Date32 COMMENT 'first campus day it holds for',
    document     String COMMENT 'the policy file, as it was checked',
    published_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(published_at)
ORDER BY version;

-- Versions of the campus calendar; none is ever edited.
CREATE TABLE IF NOT EXISTS calendar
(
    version         Int32,
    valid_from      Date32 COMMENT 'first campus day whose closing is computed by it',
    origin          String COMMENT 'name of the file it was read from',
    first           Date32 COMMENT 'campus day of the first of days',
    days            Array(Tuple(percent Int64, reason String)) COMMENT 'one a campus day from first on',
    unnamed_percent Int32 COMMENT 'weight of days before and behind these',
    weekdays        Array(Tuple(percent Int64)) COMMENT 'Monday first: what a day keeps of its weight',
    published_at    DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(published_at)
ORDER BY version;

-- Until which campus day feeds are complete. Of a day that was marked again the first mark stays,
-- since that is when it was complete.
CREATE TABLE IF NOT EXISTS feed_mark
(
    feed       LowCardinality(String),
    day        Date32 COMMENT 'last complete campus day',
    marked_at  DateTime64(3, 'UTC'),
    -- 2^53 less the milliseconds: an earlier marked_at is a later version
    precedence UInt64 MATERIALIZED toUInt64(9007199254740992 - toUnixTimestamp64Milli(marked_at))
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (feed, day);

-- What is fixed for all topics of the generation that is loaded: one row.
CREATE TABLE IF NOT EXISTS generation
(
    name       String COMMENT 'the key of the record',
    clock      LowCardinality(String) COMMENT 'wall or replay: what tells the day in progress',
    zone       String COMMENT 'IANA name of the campus zone',
    partitions Int32 COMMENT 'of every topic that is divided by student',
    created_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(created_at)
ORDER BY name;
