import base64

import pytest
from starlette.datastructures import Headers

from deploy.local.clickhouse.access import Credentials, offered

OWN = Credentials("leap", "right")


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "parameters"),
    [
        ({"X-ClickHouse-User": "leap", "X-ClickHouse-Key": "right"}, {}),
        (basic("leap:right"), {}),
        ({}, {"user": "leap", "password": "right"}),
        # The headers decide over what else there is.
        ({"X-ClickHouse-User": "leap", "X-ClickHouse-Key": "right"}, {"password": "wrong"}),
    ],
)
def test_the_password_is_taken_wherever_clickhouse_takes_it(
    headers: dict[str, str], parameters: dict[str, str]
) -> None:
    assert OWN.admit(offered(Headers(headers), parameters))


@pytest.mark.parametrize(
    ("headers", "parameters"),
    [
        ({}, {}),
        (basic("leap:wrong"), {}),
        (basic("other:right"), {}),
        (basic("leap"), {}),
        ({"Authorization": "Basic ***"}, {}),
        ({"Authorization": "Bearer right"}, {}),
        ({"X-ClickHouse-Key": "right"}, {}),
        ({}, {"password": "right"}),
        ({}, {"user": "leap", "password": "r\u00efght"}),
    ],
)
def test_anything_else_is_not_admitted(headers: dict[str, str], parameters: dict[str, str]) -> None:
    assert not OWN.admit(offered(Headers(headers), parameters))


def test_a_password_never_shows() -> None:
    assert "right" not in repr(OWN)
