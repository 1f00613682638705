"""Answers to requests: JSON without NaN, and files in parts."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gphoton_db.errors import GPhotonError
from gphoton_db.serve.refusals import TOO_LONG, RequestError, status_of

_PART_BYTES = 65_536
"""More is not handed over before the client took what came before."""

MOST_BODY_BYTES = 65_536
"""Of what a client sends."""

_NOT_MODIFIED, _NO_CONTENT = 304, 204


@dataclass(frozen=True)
class File:
    """What is not JSON.

    Parameters
    ----------
    content : bytes
        All of it; nothing: there is none.
    kind : str
        Its media type.
    tag : str
        Another one when the content is another; empty: it is not to be asked for again.
    name : str
        Under which a browser saves it; empty: it shows it.
    """

    content: bytes
    kind: str
    tag: str = ""
    name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = File | dict[str, Any] | list[Any] | None


def respond(answer: Answer, request: Request) -> Response:
    """Return an answer as HTTP has it."""
    if answer is None:
        return Response(status_code=_NO_CONTENT)
    if not isinstance(answer, File):
        return _json(answer)
    headers = dict(answer.headers)
    if answer.tag:
        headers |= {"ETag": f'"{answer.tag}"', "Cache-Control": "private, no-cache"}
        if f'"{answer.tag}"' in request.headers.get("if-none-match", ""):
            return Response(status_code=_NOT_MODIFIED, headers=headers)
    if answer.name:
        headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
    if not answer.content:
        return Response(status_code=_NO_CONTENT, headers=headers)
    headers["Content-Length"] = str(len(answer.content))
    return StreamingResponse(_parts(answer.content), headers=headers, media_type=answer.kind)


async def _parts(content: bytes) -> AsyncIterator[bytes]:
    whole = memoryview(content)
    for start in range(0, len(content), _PART_BYTES):
        yield bytes(whole[start : start + _PART_BYTES])


def refused(error: GPhotonError) -> Response:
    """Return the answer to a request that gets none."""
    details = error.details if isinstance(error, RequestError) else {}
    return _json({"error": str(error)} | details, status_of(error))


def _json(value: Any, status: int = 200) -> Response:
    """Return JSON in ASCII: half a character, which UTF-8 has not, is written as it came."""
    content = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return Response(content, status, media_type="application/json")


async def body_of(request: Request) -> dict[str, Any]:
    """Return the JSON object that a client sent.

    Raises
    ------
    RequestError
        If it is none, or too long.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RequestError("send JSON, and say so: Content-Type: application/json")
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MOST_BODY_BYTES:
            raise RequestError(f"send {MOST_BODY_BYTES:,} bytes at the most", TOO_LONG)
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise RequestError("what was sent is no JSON") from None
    if not isinstance(value, dict):
        raise RequestError("send an object of JSON")
    return value


def is_text(value: str) -> bool:
    """Return whether a text is one that can be written: JSON may hold half a character."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def numbers(values: NDArray[Any]) -> list[Any]:
    """Return an array as JSON has it: NaN and infinities are null."""
    if values.dtype.kind != "f":
        return list(values.tolist())
    return [value if np.isfinite(value) else None for value in values.tolist()]
