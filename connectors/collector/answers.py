"""What is answered to a request that is refused."""

import math

from fastapi import Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from connectors.collector.refusal import Refusal, Unauthorized


class Problem(BaseModel):
    """Why a request was refused."""

    error: str
    """A code."""
    message: str
    """What is wrong, and what to do."""


def refused(request: Request, error: Exception) -> JSONResponse:
    """The answer to a request that raised a `Refusal`."""
    if not isinstance(error, Refusal):
        raise error
    headers = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="leap", Basic realm="leap"'
    body = Problem(error=error.code, message=str(error)).model_dump()
    return JSONResponse(body, error.status, headers)
