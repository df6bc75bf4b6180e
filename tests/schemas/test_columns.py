import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import wire
from schemas.avro import Schema, fields_of, schema_of
from schemas.columns import Coded, ColumnEncoder
from schemas.topics import (
    ACTIVITY,
    DAILY,
    INDICATOR,
    INDICATOR_CHANGE,
    INDICATOR_DAY,
    Topic,
)
from tests.schemas.records import columns_of, records_of

WRITTEN_AS_COLUMNS = (*ACTIVITY.values(), DAILY, INDICATOR, INDICATOR_CHANGE, INDICATOR_DAY)

ONE_TEXT: Schema = {
    "type": "record",
    "name": "R",
    "fields": [{"name": "text", "type": "string"}],
}
MANY = Coded(np.arange(19_999, -1, -1), [str(3 * n) for n in range(19_999, -1, -1)])


@pytest.mark.parametrize("topic", WRITTEN_AS_COLUMNS, ids=lambda topic: topic.name)
@given(data=st.data())
def test_columns_encode_to_the_bytes_that_fastavro_writes(
    topic: Topic, data: st.DataObject
) -> None:
    schema = schema_of(topic)
    records = data.draw(st.lists(records_of(schema), min_size=1, max_size=8))
    items = data.draw(st.integers(0, 3))
    for record in records:  # columns hold arrays of one length
        if "contributions" in record:
            one = data.draw(records_of(_item(topic)))
            record["contributions"] = [one] * items
    encoded = ColumnEncoder(schema, 7).encode(columns_of(schema, records), len(records))
    assert encoded == [wire.encode(topic, 7, record) for record in records]


def test_a_constant_stands_for_a_column_of_equal_values() -> None:
    schema: Schema = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "number", "type": "long"},
            {"name": "text", "type": "string"},
            {"name": "missing", "type": ["null", "string"]},
            {"name": "flag", "type": "boolean"},
        ],
    }
    encoded = ColumnEncoder(schema, 1).encode(
        {"number": 300, "text": "ab", "missing": None, "flag": True}, 3
    )
    assert encoded == [b"\x00\x00\x00\x00\x01" + b"\xd8\x04" + b"\x04ab" + b"\x00" + b"\x01"] * 3


def test_thousands_of_texts_that_differ_are_each_where_they_belong() -> None:
    encoded = ColumnEncoder(ONE_TEXT, 1).encode({"text": MANY}, len(MANY.codes))
    for place in (0, 1, 16_383, 16_384, 19_999):
        text = str(place * 3).encode()
        assert encoded[place] == b"\x00\x00\x00\x00\x01" + bytes([2 * len(text)]) + text


def _item(topic: Topic) -> Schema:
    for field in fields_of(schema_of(topic)):
        match field["type"]:
            case {"type": "array", "items": dict(items)}:
                return items
    raise AssertionError(f"{topic.name} has no array")
