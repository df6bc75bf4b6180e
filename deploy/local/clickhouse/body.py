"""A request's body: received within a bound, decompressed within the same bound."""

import mmap
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from http import HTTPStatus
from typing import Final

import cramjam
from starlette.requests import Request

from deploy.local.clickhouse.refusal import Refusal

_DECOMPRESSORS: Final[dict[str, Callable[[bytes, mmap.mmap], int]]] = {
    "gzip": cramjam.gzip.decompress_into,
    "deflate": cramjam.zlib.decompress_into,
    "zstd": cramjam.zstd.decompress_into,
    "lz4": cramjam.lz4.decompress_into,
}


async def received(request: Request, *, limit_bytes: int) -> bytes:
    """Return the body of `request` as it was sent.

    Raises Refusal (413) when it is longer than `limit_bytes`.
    """
    content = bytearray()
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length <= limit_bytes:
            content += chunk
        # Past the bound the rest is read and dropped: a client that is cut off while it sends
        # reports a broken connection and never shows the reason.
    if length > limit_bytes:
        raise _too_large(limit_bytes)
    return bytes(content)


def decompressed(data: bytes, encoding: str, *, limit_bytes: int) -> bytes:
    """Return `data` decompressed as its Content-Encoding, `encoding`, says.

    Raises Refusal (413) when that is longer than `limit_bytes`, of which never more are written
    whatever the data claims, and (400) when it is not what it should be.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return data
    decompress = _DECOMPRESSORS.get(encoding)
    if decompress is None:
        raise Refusal.named(
            89,
            "UNKNOWN_COMPRESSION_METHOD",
            f"Unknown Content-Encoding '{encoding}'; known are {', '.join(_DECOMPRESSORS)}.",
            status=HTTPStatus.BAD_REQUEST,
        )
    if not data:
        return b""
    # Anonymous memory takes no room until it is written to, so a small body stays cheap.
    with mmap.mmap(-1, limit_bytes) as room:
        try:
            return room[: decompress(data, room)]
        except cramjam.DecompressionError as error:
            if "whole buffer" in str(error):
                raise _too_large(limit_bytes) from None
            raise Refusal.named(
                271,
                "CANNOT_DECOMPRESS",
                f"The body is not valid {encoding}: {error}.",
                status=HTTPStatus.BAD_REQUEST,
            ) from None


def form(content_type: str, body: bytes) -> dict[str, str]:
    """Return the text fields of a multipart form: how clients send many or long parameters.

    Raises Refusal (501) for a file among them: data for the length of a query is not supported.
    """
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    fields: dict[str, str] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if part.get_filename() is not None or not isinstance(content, bytes):
            raise Refusal.named(
                48, "NOT_IMPLEMENTED", "The local ClickHouse takes no external data with a query."
            )
        fields[str(name)] = content.decode()
    return fields


def _too_large(limit_bytes: int) -> Refusal:
    return Refusal(
        f"The request's body is larger than {limit_bytes >> 20} MiB, the bound of the local "
        "ClickHouse: send fewer rows a request.",
        code=None,
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    )
