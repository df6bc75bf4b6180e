"""Talking to a running stack, and looking at what it left."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from deploy.local import lock, process, state
from deploy.local.layout import Layout
from deploy.local.stack import Addresses
from deploy.local.state import State


def state_of(layout: Layout) -> State:
    found = state.load(layout.state)
    assert found is not None
    return found


def all_ended(layout: Layout, before: State) -> bool:
    pids = (before.supervisor_pid, *before.pids.values())
    return not lock.is_held(layout.lock) and not any(process.is_alive(pid) for pid in pids)


def clickhouse(up: Addresses) -> Client:
    return clickhouse_connect.get_client(
        host=up.clickhouse_host,
        port=up.clickhouse_port,
        username=up.clickhouse_user,
        password=up.clickhouse_password,
    )


def registry(up: Addresses, method: str, path: str, body: object = None) -> object:
    url = urlsplit(up.registry)
    connection = HTTPConnection(url.netloc, timeout=30)
    headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
    content = None if body is None else json.dumps(body)
    try:
        connection.request(method, url.path + path, content, headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def schema(name: str) -> dict[str, str]:
    return {"schema": json.dumps({"type": "record", "name": name, "fields": []})}
