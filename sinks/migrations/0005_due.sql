-- How many items were due, beside how many were met: 0 for measures other than share, and for rows
-- from before. Elements of a tuple are matched by name, so repeating it changes nothing.

ALTER TABLE indicator MODIFY COLUMN contributions Array(Tuple(
    kind    LowCardinality(String),
    counted Bool,
    reason  LowCardinality(String),
    amount  Int64,
    days    Float64,
    rate    Float64,
    points  Float64,
    weight  Float64,
    due     Int64));

ALTER TABLE indicator_day MODIFY COLUMN contributions Array(Tuple(
    kind    LowCardinality(String),
    counted Bool,
    reason  LowCardinality(String),
    amount  Int64,
    days    Float64,
    rate    Float64,
    points  Float64,
    weight  Float64,
    due     Int64));
