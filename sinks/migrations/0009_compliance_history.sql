-- Every state of a compliance alert that was ever published. A table of its own, as alert_compliance
-- is: whoever may read the one set need not be granted the other.
CREATE TABLE IF NOT EXISTS alert_compliance_history
(
    student     Int64 COMMENT 'pseudonym',
    alert       String COMMENT 'rule@day it was raised: with the student, what it is known by',
    rule        LowCardinality(String) COMMENT 'name of the rule of the policy',
    raised      Date32 COMMENT 'the day whose closing raised it',
    ended       Nullable(Date32) COMMENT 'the day whose closing ended it; null while it is open',
    state       LowCardinality(String) COMMENT 'open, closed, or withdrawn',
    evidence    String COMMENT 'why it was raised, as a sentence',
    figures     Array(Tuple(name String, value Int64)) COMMENT 'the numbers in the evidence',
    basis       LowCardinality(String) COMMENT 'the duty that the rule serves',
    note        LowCardinality(String) COMMENT 'that it is a suggestion, and decides nothing',
    policy      Int32 COMMENT 'version of the policy that raised it',
    revision    Int32 COMMENT '0 when it is raised; grows with each publication',
    cause       LowCardinality(String) COMMENT 'what moved it',
    computed_at DateTime64(3, 'UTC') COMMENT 'known from then on',
    writer      LowCardinality(String) COMMENT 'process and ownership that wrote it'
)
ENGINE = ReplacingMergeTree
ORDER BY (student, alert, revision, computed_at);
