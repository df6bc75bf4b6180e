"""ClickHouse's HTTP protocol: requests in, answers and errors out. Loopback only."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from deploy.local.clickhouse import access, body, statement
from deploy.local.clickhouse.engine import Engine
from deploy.local.clickhouse.query import Answer, Query
from deploy.local.clickhouse.refusal import Refusal

_PAUSE_SECONDS: Final = 0.1
# Parameters that speak to the transport, not to the engine, which would not know them.
_TRANSPORT: Final = frozenset(
    {
        "query",
        "database",
        "default_format",
        "user",
        "password",
        "query_id",
        "quota_key",
        "role",
        "session_id",
        "session_timeout",
        "session_check",
        "wait_end_of_query",
        "buffer_size",
        "compress",
        "decompress",
        "client_protocol_version",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "enable_http_compression",
        "cancel_http_readonly_queries_on_client_close",
    }
)


@dataclass(frozen=True, slots=True)
class Server:
    """The handler of all requests. `pool` runs the statements, one a thread."""

    engine: Engine
    credentials: access.Credentials
    pool: ThreadPoolExecutor
    body_limit_bytes: int
    timezone: str

    def application(self) -> Starlette:
        """Return the ASGI application; its shutdown waits for what runs and closes the engine."""

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            yield
            await asyncio.to_thread(self.pool.shutdown, cancel_futures=True)
            self.engine.close()

        return Starlette(
            routes=[Route("/ping", _ping), Route("/", self.answer, methods=["GET", "POST"])],
            lifespan=lifespan,
        )

    async def answer(self, request: Request) -> Response:
        """Carry out the statement of one request."""
        query_id = request.query_params.get("query_id") or str(uuid4())
        try:
            return await self._answer(request, query_id)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody is there to read it
        except Refusal as refusal:
            headers = {"X-ClickHouse-Query-Id": query_id}
            if refusal.code is not None:
                headers["X-ClickHouse-Exception-Code"] = str(refusal.code)
            return PlainTextResponse(f"{refusal}\n", refusal.status, headers)

    async def _answer(self, request: Request, query_id: str) -> Response:
        if not self.credentials.admit(access.offered(request.headers, request.query_params)):
            raise Refusal.named(
                516,
                "AUTHENTICATION_FAILED",
                "Authentication failed: the user or the password is wrong. The local stack's own "
                "stand in the file stack.json of its folder.",
            )
        sent = await body.received(request, limit_bytes=self.body_limit_bytes)
        # Off the event loop: a large body takes its time to decompress.
        query = await asyncio.to_thread(self._query, request, sent)
        work = self.pool.submit(self.engine.run, query)
        answer = asyncio.wrap_future(work)
        if query.statement.reads_only and await _has_left(request, answer):
            await self._abandon(query.tag, work, answer)
            raise ClientDisconnect
        given = await answer
        headers = {
            "X-ClickHouse-Query-Id": query_id,
            "X-ClickHouse-Summary": json.dumps(dict(given.summary)),
            "X-ClickHouse-Timezone": self.timezone,
            "X-ClickHouse-Server-Display-Name": "leap local stack",
        }
        if given.format is not None:
            headers["X-ClickHouse-Format"] = given.format
        return Response(given.body, headers=headers, media_type="application/octet-stream")

    def _query(self, request: Request, sent: bytes) -> Query:
        given: Mapping[str, str] = request.query_params
        encoding = request.headers.get("content-encoding", "")
        sent = body.decompressed(sent, encoding, limit_bytes=self.body_limit_bytes)
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("multipart/form-data"):
            given, sent = dict(given) | body.form(content_type, sent), b""
        if "1" in (given.get("compress"), given.get("decompress")):
            raise Refusal.named(
                48,
                "NOT_IMPLEMENTED",
                "The local ClickHouse knows HTTP's Content-Encoding only, not the parameters "
                "compress and decompress.",
            )
        asked = given.get("query", "").encode()
        return Query(
            statement=statement.split(asked + b"\n" + sent if asked and sent else asked or sent),
            tag=str(uuid4()),
            database=given.get("database") or request.headers.get("x-clickhouse-database"),
            default_format=given.get("default_format")
            or request.headers.get("x-clickhouse-format"),
            read_only=request.method == "GET",  # so the server has it: a GET changes nothing
            settings={
                name: value
                for name, value in given.items()
                if name not in _TRANSPORT and not name.startswith("param_")
            },
            parameters={
                name.removeprefix("param_"): value
                for name, value in given.items()
                if name.startswith("param_")
            },
        )

    async def _abandon(
        self, tag: str, work: Future[Answer], answer: asyncio.Future[Answer]
    ) -> None:
        """Return when the statement called `tag` does not run any more, and never will."""
        if work.cancel():
            return  # it had not begun
        while not answer.done():
            await asyncio.to_thread(self.engine.cancel, tag)
            await asyncio.wait((answer,), timeout=_PAUSE_SECONDS)
        answer.exception()  # nobody is there to hear it


async def _has_left(request: Request, answer: asyncio.Future[Answer]) -> bool:
    """Return when `answer` is there, or with True when the client goes away before."""

    async def left() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    leaving = asyncio.create_task(left())
    try:
        await asyncio.wait((answer, leaving), return_when=asyncio.FIRST_COMPLETED)
        return not answer.done()
    finally:
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving


async def _ping(_: Request) -> Response:
    return PlainTextResponse("Ok.\n")
