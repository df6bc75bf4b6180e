"""Opening ClickHouse over HTTP, and one sentence for whatever it refuses."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import clickhouse_connect
import polars as pl
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, Error

from schemas.errors import Unreachable

CONNECT_TIMEOUT_S: Final = 5
ANSWER_TIMEOUT_S: Final = 60
"""A statement that takes longer counts as failed; loading it again is harmless."""

_SAID_BY_US: Final = ("clickhouse_connect", "urllib3")
_FIRST_LINE_CHARACTERS: Final = 300

_WHAT_TO_DO: Final = {
    60: "a table is missing: `leap sink` makes the tables when it starts",
    74: "it cannot read its disk: look into its log",
    75: "it cannot write to its disk: free some space, or look into its log",
    81: "the database is missing: `leap sink` makes it when it starts",
    164: "the user may only read: grant INSERT and ALTER DELETE on the database",
    241: "it has not enough memory for this now: let other queries end, or give it more",
    243: "its disk is full: free some space, or add a disk",
    252: "it has more parts than it can merge in time: wait, or look at system.merges",
    497: "the user lacks a right: grant CREATE, SELECT, INSERT and ALTER DELETE on the database",
    516: "it refuses the user: check LEAP_CLICKHOUSE_USER and LEAP_CLICKHOUSE_PASSWORD",
}
"""By ClickHouse's error code."""

FAILURES: Final = (ClickHouseError, OSError)
"""What a call of the client raises when ClickHouse does not do what it was asked."""


@dataclass(frozen=True, slots=True)
class ClickHouseAddress:
    """Where ClickHouse answers HTTP (HTTPS where `secure`), and whose data it is."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    secure: bool = False


def connect(address: ClickHouseAddress) -> Client:
    """A client of the address's database, which is created where it is missing.

    It may be used by several threads at once. Raises Unreachable.
    """
    for name in _SAID_BY_US:  # each failure of a call is told once, by whoever made the call
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        client = clickhouse_connect.get_client(
            host=address.host,
            port=address.port,
            username=address.user,
            password=address.password,
            secure=address.secure,
            compress="lz4",
            connect_timeout=CONNECT_TIMEOUT_S,
            send_receive_timeout=ANSWER_TIMEOUT_S,
            autogenerate_session_id=False,  # a session takes one statement at a time
            dedicated_pool=True,
        )
    except FAILURES as error:
        raise unreachable(address, "connect", error) from error
    try:
        _ensure_database(client, address.database)
    except FAILURES as error:
        client.close()
        raise unreachable(address, f"open the database {address.database}", error) from error
    client.database = address.database
    return client


def _ensure_database(client: Client, name: str) -> None:
    """Create it only where it is missing: many users may not create databases."""
    query = "SELECT count() FROM system.databases WHERE name = {name:String}"
    if client.query(query, parameters={"name": name}).result_rows == [(0,)]:
        client.command(f"CREATE DATABASE IF NOT EXISTS {quoted(name)}")


def quoted(name: str) -> str:
    """The name as an identifier in SQL."""
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def unreachable(address: ClickHouseAddress, attempted: str, error: BaseException) -> Unreachable:
    """The error for a call that failed; `attempted` completes "tried to ..."."""
    code = error.code if isinstance(error, Error) else None
    where = f"ClickHouse at {address.host}:{address.port}"
    if code is None:
        return Unreachable(
            f"{where} did not answer (tried to {attempted}): check that it runs (`leap status`)"
            " and that LEAP_CLICKHOUSE names it"
        )
    what_to_do = _WHAT_TO_DO.get(code)
    if what_to_do is None:
        said = str(error).strip().partition("\n")[0][:_FIRST_LINE_CHARACTERS]
        return Unreachable(f"{where} failed (tried to {attempted}); it says: {said}")
    return Unreachable(f"{where} failed (tried to {attempted}, error {code}): {what_to_do}")


def frame_of(
    client: Client, address: ClickHouseAddress, sql: str, parameters: Mapping[str, object]
) -> pl.DataFrame:
    """The answer to a question, as columns. Raises Unreachable."""
    try:
        arrow = client.query_arrow(sql, parameters=dict(parameters), use_strings=True)
    except FAILURES as error:
        raise unreachable(address, "answer a question", error) from error
    frame = pl.from_arrow(arrow)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("an Arrow table becomes a frame")
    return frame
