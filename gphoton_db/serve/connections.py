"""Connections that are closed when the client takes too long."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

SENDING_S = 15.0
"""How long a client may take to send a request, all of it."""

TAKING_S = 30.0
"""How long it may take no part of an answer."""


class TimedProtocol(H11Protocol):
    """HTTP that a slow client does not hold up for ever."""

    sending_s, taking_s = SENDING_S, TAKING_S

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._sends: asyncio.TimerHandle | None = None
        self._takes: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._sends = self.loop.call_later(self.sending_s, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Read on; wait no longer where the request is complete."""
        super().data_received(data)
        if self.conn.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED):
            self._cancel_sends()
        elif self._sends is None:
            self._sends = self.loop.call_later(self.sending_s, self.transport.abort)

    def pause_writing(self) -> None:
        """Begin to wait for the client to take what was sent."""
        super().pause_writing()
        self._cancel_takes()
        self._takes = self.loop.call_later(self.taking_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Wait no longer."""
        super().resume_writing()
        self._cancel_takes()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._cancel_sends()
        self._cancel_takes()
        super().connection_lost(exc)

    def _cancel_sends(self) -> None:
        if self._sends is not None:
            self._sends.cancel()
            self._sends = None

    def _cancel_takes(self) -> None:
        if self._takes is not None:
            self._takes.cancel()
            self._takes = None
