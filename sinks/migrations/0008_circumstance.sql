-- What students are excused from. Why is nobody's business here.

CREATE TABLE IF NOT EXISTS circumstance
(
    student      Int64 COMMENT 'pseudonym',
    circumstance String COMMENT 'with the student, what it is known by',
    sort         LowCardinality(String) COMMENT 'such as placement; never why',
    kinds        Array(Tuple(kind LowCardinality(String))) COMMENT 'of activity; none: all',
    first_day    Date32 COMMENT 'first campus day of it',
    last_day     Date32 COMMENT 'last campus day of it',
    extend_days  Int32 COMMENT 'by which what is due within it is moved',
    declared_on  Date32 COMMENT 'campus day in progress when it was declared',
    withdrawn_on Nullable(Date32) COMMENT 'likewise; null while it holds',
    recorded_at  DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(recorded_at)
ORDER BY (student, circumstance);
