"""Reads a request's body, as far as it may go."""

from fastapi import Request

from connectors.collector.refusal import Invalid, TooLarge


async def read(request: Request, limit_bytes: int) -> bytes:
    """The body; TooLarge as soon as it is known to be more than may be sent."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit_bytes:
        raise _too_large(limit_bytes)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        raise Invalid("attachments are not kept here: send the statements as application/json")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Invalid("the body is compressed: send it as it is")
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit_bytes:
            raise _too_large(limit_bytes)
        parts.append(part)
    return b"".join(parts)


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit_bytes:,} bytes: send less at a time")
