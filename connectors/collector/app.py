"""The HTTP face of the collector: docs/connectors/collector.md, and /docs while it runs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.collector import caliper, xapi
from connectors.collector.answers import Problem, refused
from connectors.collector.body import read
from connectors.collector.collector import Collector
from connectors.collector.documents import parse, uuid
from connectors.collector.heard import Heard
from connectors.collector.pace import Pace
from connectors.collector.refusal import Invalid, Refusal
from connectors.collector.senders import Sender, Senders
from telemetry.metrics import CollectorMetrics

XAPI_VERSION: Final = "1.0.3"
VERSION_HEADER: Final = "X-Experience-API-Version"
BODY_LIMIT_BYTES: Final = 8 << 20
"""Some 5,000 statements."""
SILENCE_S: Final = 15.0
"""Kafka has not answered for so long: no health. Below the patience of a delivery."""

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": Problem, "description": "Not valid; nothing of it was kept."},
    401: {"model": Problem, "description": "No credentials of a sender."},
    403: {"model": Problem, "description": "It voids what another sender sent."},
    409: {"model": Problem, "description": "An id was accepted before for something else."},
    413: {"model": Problem, "description": "Too large."},
    429: {"model": Problem, "description": "Too fast: see Retry-After."},
    503: {"model": Problem, "description": "Kafka does not take it now: see Retry-After."},
}
_Version = Annotated[str | None, Header(alias=VERSION_HEADER)]


@dataclass(frozen=True, slots=True)
class Face:
    """What the requests need."""

    collector: Collector
    senders: Senders
    pace: Pace
    metrics: CollectorMetrics
    now_ms: Callable[[], int]
    now_s: Callable[[], float] = time.monotonic
    body_limit_bytes: int = BODY_LIMIT_BYTES


def create_app(face: Face) -> FastAPI:
    """The application; what it needs is running already."""
    app = FastAPI(
        title="leap collector",
        description="Takes xAPI statements and Caliper envelopes. What it acknowledges is stored.",
        version="1",
        redoc_url=None,
    )
    app.add_exception_handler(Refusal, refused)
    app.add_middleware(_Measured, face=face)
    app.include_router(_xapi(face))
    app.include_router(_caliper(face))
    app.include_router(_health(face))
    return app


def _xapi(face: Face) -> APIRouter:
    router = APIRouter(prefix="/xAPI", tags=["xAPI"])

    @router.get("/about")
    async def about() -> dict[str, object]:
        """Which versions of xAPI are spoken."""
        return {"version": [XAPI_VERSION], "extensions": {}}

    @router.post("/statements", responses=_REFUSALS)
    async def post(request: Request, version: _Version = None) -> list[str]:
        """Store a statement or a list of them; answers with their ids once they are stored."""
        sender = _sender(face, request)
        _speaks(version)
        document = parse(await read(request, face.body_limit_bytes))
        documents = document if isinstance(document, list) else [document]
        face.pace.take(sender, len(documents))
        heard = _statements(face, sender, documents)
        await _accept(face, sender, heard)
        return [one.id for one in heard]

    @router.put("/statements", status_code=204, responses=_REFUSALS)
    async def put(
        request: Request,
        statement_id: Annotated[str | None, Query(alias="statementId")] = None,
        version: _Version = None,
    ) -> Response:
        """Store one statement under an id."""
        sender = _sender(face, request)
        _speaks(version)
        if statement_id is None:
            raise Invalid("PUT stores one statement: name it with ?statementId=UUID, or use POST")
        name = uuid(statement_id, "statementId")
        document = parse(await read(request, face.body_limit_bytes))
        if not isinstance(document, dict):
            raise Invalid("PUT stores one statement, which is a JSON object; POST takes lists")
        own = document.setdefault("id", name)
        if not isinstance(own, str) or own.lower() != name:
            raise Invalid(f"statementId is {name}, but the statement's own id is another")
        face.pace.take(sender, 1)
        await _accept(face, sender, _statements(face, sender, [document]))
        return Response(status_code=204)

    @router.get("/statements", status_code=405, include_in_schema=False)
    async def get() -> Response:
        """Statements are not given out."""
        problem = Problem(
            error="not_given_out",
            message="this collector stores activities and gives no statements out: ask the sender,"
            " or a learning record store",
        )
        return JSONResponse(problem.model_dump(), 405, {"Allow": "POST, PUT"})

    return router


def _caliper(face: Face) -> APIRouter:
    router = APIRouter(tags=["Caliper"])

    @router.post("/caliper", responses=_REFUSALS)
    async def envelope(request: Request) -> dict[str, int]:
        """Store the events of an envelope; answers how many once they are stored."""
        sender = _sender(face, request)
        data = caliper.open_envelope(parse(await read(request, face.body_limit_bytes)))
        face.pace.take(sender, len(data))
        now = face.now_ms()
        heard = [
            caliper.hear(one, sender.names, sender.vocabulary, now, f"data[{at}]")
            for at, one in enumerate(data)
        ]
        await _accept(face, sender, heard)
        return {"accepted": len(heard)}

    return router


def _health(face: Face) -> APIRouter:
    router = APIRouter(tags=["Operation"])

    @router.get("/health", responses={503: {"description": "Kafka does not answer."}})
    async def health() -> JSONResponse:
        """Whether what is sent can be stored."""
        is_well = face.collector.deliveries.waiting_s < SILENCE_S
        return JSONResponse({"healthy": is_well}, 200 if is_well else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        """Figures for Prometheus."""
        face.metrics.waiting.set(face.collector.deliveries.waiting)
        return Response(generate_latest(face.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def _sender(face: Face, request: Request) -> Sender:
    return face.senders.by_credentials(request.headers.get("authorization"))


def _speaks(version: str | None) -> None:
    if version is None or not (version == "1.0" or version.startswith("1.0.")):
        raise Invalid(
            f"{VERSION_HEADER} is {version!r}: this collector speaks 1.0.x; send the header"
            f" {VERSION_HEADER}: {XAPI_VERSION}"
        )


def _statements(face: Face, sender: Sender, documents: Sequence[object]) -> Sequence[Heard]:
    heard = xapi.hear(documents, sender.names, sender.vocabulary, face.now_ms())
    ids = [one.id for one in heard]
    if len(set(ids)) < len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
        raise Invalid(f"the id {twice} stands twice in the list: send each statement once")
    return heard


async def _accept(face: Face, sender: Sender, heard: Sequence[Heard]) -> None:
    account = await face.collector.accept(sender, heard)
    metrics, feed = face.metrics, sender.feed
    for kind, count in account.published.items():
        metrics.events_published.labels(feed, kind).inc(count)
    for rule, count in account.skipped.items():
        metrics.statements_skipped.labels(feed, rule).inc(count)
    for reason, count in account.quarantined.items():
        metrics.statements_quarantined.labels(feed, reason).inc(count)


class _Measured:
    """Counts answers and times them, and says the version of xAPI.

    A middleware of ASGI itself: Starlette's for functions hands each request from task to task.
    """

    def __init__(self, app: ASGIApp, face: Face) -> None:
        self._app = app
        self._face = face

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = self._face.now_s()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                if scope["path"].startswith("/xAPI"):
                    MutableHeaders(scope=message)[VERSION_HEADER] = XAPI_VERSION
                if scope["method"] in ("POST", "PUT"):
                    self._face.metrics.answered(message["status"], self._face.now_s() - begun)
            await send(message)

        await self._app(scope, receive, answer)
