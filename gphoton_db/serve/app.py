"""The application: requests are checked, and threads make the answers."""

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import Any

import anyio.to_thread
import duckdb
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gphoton_db.errors import GPhotonError
from gphoton_db.serve.answers import body_of, refused, respond
from gphoton_db.serve.endpoints import PLACES, Asked, Line, Place
from gphoton_db.serve.guard import Receive, Scope, Send
from gphoton_db.serve.parameters import Parameters
from gphoton_db.serve.refusals import CONFLICT, RequestError
from gphoton_db.serve.served import Served

logger = logging.getLogger(__name__)

_AT_ONCE = {Line.QUICK: 16, Line.TILES: 16, Line.HEAVY: 4}
"""Answers that are made, or being taken, at the same time."""

_HEAVY_THREADS = 2


@dataclass(frozen=True)
class Queue:
    """What holds requests of a line back.

    Parameters
    ----------
    threads : CapacityLimiter
        Those that work at the same time.
    gate : asyncio.Semaphore
        Holds back more answers, until others are taken: each may have megabytes.
    """

    threads: CapacityLimiter
    gate: asyncio.Semaphore


class Endpoint:
    """A path and a method.

    Parameters
    ----------
    served : Served
        What is served.
    place : Place
        What it is answered with.
    queue : Queue, optional
        Where it waits; None: it does not.
    """

    def __init__(self, served: Served, place: Place, queue: Queue | None) -> None:
        self._served, self._place, self._queue = served, place, queue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope, receive)
        try:
            asked = await self._asked(request)
        except GPhotonError as error:
            await refused(error)(scope, receive, send)
            return
        if self._queue is None:
            await self._at_hand(asked, request)(scope, receive, send)
            return
        async with self._queue.gate:
            response = await self._response(asked, request, self._queue.threads)
            await response(scope, receive, send)

    async def _asked(self, request: Request) -> Asked:
        parameters = Parameters(request.query_params.multi_items(), self._place.known)
        body = await body_of(request) if self._place.method in ("POST", "PUT") else {}
        return Asked(self._served, parameters, request.path_params, body)

    def _at_hand(self, asked: Asked, request: Request) -> Response:
        try:
            return respond(self._place.work(asked), request)
        except RequestError as error:
            return refused(error)

    async def _response(self, asked: Asked, request: Request, threads: CapacityLimiter) -> Response:
        try:
            work = partial(self._place.work, asked)
            answer = await anyio.to_thread.run_sync(work, limiter=threads)
        except GPhotonError as error:
            return refused(error)
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0]
            return refused(RequestError(f"the archive cannot be read: {reason}", CONFLICT))
        except Exception as error:
            # An archive may be gone or damaged in ways that nobody has thought of.
            logger.exception("%s: no answer", request.url.path)
            kind = type(error).__name__
            reason = f"this cannot be answered ({kind}): the server's terminal says more"
            return refused(RequestError(reason, CONFLICT))
        return respond(answer, request)


def application(served: Served, threads: int) -> Starlette:
    """Return the application, without the guard.

    Parameters
    ----------
    served : Served
        What is served.
    threads : int
        How many answers are worked on at the same time.
    """
    n_threads = {line: threads for line in _AT_ONCE} | {Line.HEAVY: _HEAVY_THREADS}
    queues = {
        line: Queue(CapacityLimiter(n_threads[line]), asyncio.Semaphore(n))
        for line, n in _AT_ONCE.items()
    }
    routes = [
        Route(place.path, Endpoint(served, place, queues.get(place.line)), methods=[place.method])
        for place in PLACES
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: _http_error})


async def _http_error(request: Request, error: Any) -> Response:
    return JSONResponse({"error": str(error.detail)}, error.status_code)
