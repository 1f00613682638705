"""A plain web server with Range for the files of a folder: counts what it sends, and misbehaves.

with RangeServer(folder) as server:
    Archive(server.address) ...
    server.requests, server.n_bytes
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True)
class Request:
    """One request: method, name of the file, and first and last byte, None of a whole file."""

    method: str
    name: str
    part: tuple[int, int] | None
    n_bytes: int


Fault = Callable[["Handler", bytes], None]
"""Answers in the place of the server; is given the content that was asked for."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: "_Listener"

    def do_GET(self) -> None:
        self.server.of.answer(self)

    def do_HEAD(self) -> None:
        self.server.of.answer(self)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    of: "RangeServer"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away."""


class RangeServer:
    """Serves a folder.

    Parameters
    ----------
    folder : Path
        Whose files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requests: list[Request] = []
        self.fault: Fault | None = None
        self.fails_from: int | None = None
        self._lock = threading.Lock()
        self._listener = _Listener(("127.0.0.1", 0), Handler)
        self._listener.of = self

    def __enter__(self) -> Self:
        threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    @property
    def n_bytes(self) -> int:
        return sum(each.n_bytes for each in self.requests)

    def forget(self) -> None:
        """Forget what was asked for, and be well again."""
        self.requests, self.fault, self.fails_from = [], None, None

    def misbehave(self, fault: Fault, first: int = 0) -> None:
        """Answer by a fault, from one of the next requests on."""
        self.fault, self.fails_from = fault, len(self.requests) + first

    def answer(self, handler: Handler) -> None:
        name = unquote(urlsplit(handler.path).path).lstrip("/")
        path = self.folder / name
        if not path.is_file():
            self._note(handler, name, None, 0)
            send(handler, 404, b"no such file", {})
            return
        whole, wanted = path.read_bytes(), _RANGE.fullmatch(handler.headers.get("Range", ""))
        part = None if wanted is None else _part(wanted, len(whole))
        content = whole if part is None else whole[part[0] : part[1] + 1]
        number = self._note(handler, name, part, len(content))
        if self.fault is not None and number >= (self.fails_from or 0):
            self.fault(handler, content)
            return
        headers = {"Accept-Ranges": "bytes", "ETag": f'"{path.stat().st_mtime_ns:x}"'}
        if part is not None:
            headers["Content-Range"] = f"bytes {part[0]}-{part[1]}/{len(whole)}"
        send(handler, 200 if part is None else 206, content, headers)

    def _note(self, handler: Handler, name: str, part: tuple[int, int] | None, n_bytes: int) -> int:
        sent = 0 if handler.command == "HEAD" else n_bytes
        with self._lock:
            self.requests.append(Request(handler.command, name, part, sent))
            return len(self.requests) - 1


def truncated(handler: Handler, content: bytes) -> None:
    """Send half of what is announced, and end the connection."""
    handler.send_response(206)
    handler.send_header("Content-Length", str(len(content)))
    handler.send_header("Content-Range", f"bytes 0-{len(content) - 1}/{len(content)}")
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])
    handler.close_connection = True


def died(handler: Handler, content: bytes) -> None:
    """End the connection without a word."""
    handler.close_connection = True


def forbidden(handler: Handler, content: bytes) -> None:
    """Refuse."""
    send(handler, 403, b"", {})


def _part(wanted: re.Match[str], size: int) -> tuple[int, int]:
    if not wanted[1]:
        return max(size - int(wanted[2]), 0), size - 1
    last = int(wanted[2]) if wanted[2] else size - 1
    return int(wanted[1]), min(last, size - 1)


def send(handler: Handler, status: int, content: bytes, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(content)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(content)
