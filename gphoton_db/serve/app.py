"""The application: which path is answered by what."""

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gphoton_db.errors import GPhotonError
from gphoton_db.serve.answers import Answer, File, refused, respond
from gphoton_db.serve.curves import CURVE_PARAMETERS, curves
from gphoton_db.serve.guard import Receive, Scope, Send
from gphoton_db.serve.parameters import Parameters
from gphoton_db.serve.refusals import NOT_FOUND, RequestError
from gphoton_db.serve.served import Served
from gphoton_db.serve.sky import TILE_PARAMETERS, float_tile, tile_request
from gphoton_db.serve.visits import coverage, leg_list, summary

PAGE = Path(__file__).with_name("page")

_AT_ONCE = 16
"""Answers with large files that are made or taken at the same time."""

Work = Callable[[Served, Parameters, Request], Answer]


class Endpoint:
    """A path: its parameters are checked, and a thread makes the answer.

    Parameters
    ----------
    served : Served
        What is served.
    work : callable
        Makes the answer.
    known : sequence of str
        Parameters that it takes.
    threads : CapacityLimiter
        Of those that work at the same time.
    gate : asyncio.Semaphore
        Holds back more answers, until others are taken.
    """

    def __init__(
        self,
        served: Served,
        work: Work,
        known: Sequence[str],
        threads: CapacityLimiter,
        gate: asyncio.Semaphore,
    ) -> None:
        self._served, self._work, self._known = served, work, known
        self._threads, self._gate = threads, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        async with self._gate:
            response = await self._response(request)
            await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        try:
            asked = Parameters(request.query_params.multi_items(), self._known)
            work = partial(self._work, self._served, asked, request)
            answer = await anyio.to_thread.run_sync(work, limiter=self._threads)
            return respond(answer, request)
        except GPhotonError as error:
            return refused(error)


def _info(served: Served, asked: Parameters, request: Request) -> Answer:
    with served.archive.reader() as reader:
        found = summary(reader, served.archive.name, served.archive.legs(), served.options)
    return found | {"writable_notes": served.writable_notes}


def _legs(served: Served, asked: Parameters, request: Request) -> Answer:
    return leg_list(served.archive.legs())


def _coverage(served: Served, asked: Parameters, request: Request) -> Answer:
    with served.archive.reader() as reader:
        return coverage(reader, served.archive.legs(), asked.band())


def _tile(served: Served, asked: Parameters, request: Request) -> Answer:
    return float_tile(served.tiles, served.archive.legs(), tile_request(asked))


def _curve(served: Served, asked: Parameters, request: Request) -> Answer:
    with served.archive.reader() as reader:
        return curves(reader, asked, served.archive.legs())


def _page(served: Served, asked: Parameters, request: Request) -> Answer:
    """Return a file of the page, by the names that there are: no path is made of what is asked."""
    name = request.path_params.get("name", "") or "index.html"
    files = {str(path.relative_to(PAGE).as_posix()): path for path in PAGE.rglob("*.*")}
    if name not in files:
        raise RequestError(f"there is nothing at /{name[:80]}", NOT_FOUND)
    path = files[name]
    kind = _KINDS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    state = path.stat()
    return File(path.read_bytes(), kind, tag=f"{state.st_mtime_ns:x}-{state.st_size:x}")


_KINDS = {".js": "text/javascript", ".html": "text/html; charset=utf-8", ".css": "text/css"}

_ANSWERS: tuple[tuple[str, Work, Sequence[str]], ...] = (
    ("/api/info", _info, ()),
    ("/api/legs", _legs, ()),
    ("/api/coverage", _coverage, ("band",)),
    ("/api/tile", _tile, TILE_PARAMETERS),
    ("/api/lightcurve", _curve, CURVE_PARAMETERS),
    ("/", _page, ()),
    ("/{name:path}", _page, ()),
)


def application(served: Served, threads: int) -> Starlette:
    """Return the application, without the guard.

    Parameters
    ----------
    served : Served
        What is served.
    threads : int
        How many answers are worked on at the same time.
    """
    limiter, gate = CapacityLimiter(threads), asyncio.Semaphore(_AT_ONCE)
    routes = [
        Route(path, Endpoint(served, work, known, limiter, gate), methods=["GET"])
        for path, work, known in _ANSWERS
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _http_error})


async def _http_error(request: Request, error: Any) -> Response:
    return JSONResponse({"error": str(error.detail)}, error.status_code)


Handler = Callable[[Request], Awaitable[Response]]
