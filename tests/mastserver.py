"""A mission archive on this machine: a real HTTP server that speaks the services' protocol.

It serves the files and the aspect that it is given, counts what it is asked for, and misbehaves
on demand: `MastServer.misbehave` gives the next answers of a kind to one of tests/mastfaults.py.

    with MastServer(folder) as server:
        server.add_visit(23500, raw6={Band.NUV: path}, scst=path, aspect=rows)
        server.misbehave("raw6", broken_off(at=1000))
        ... ServiceOptions(mast_url=server.mast_url, ...)
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from gphoton_db.ingest.mast.pointing import COLUMNS
from gphoton_db.mission import Band

QUERY_PATH = "/portal/Mashup/MashupQuery.asmx/GalexPhotonListQueryTest"
FILES_PATH, CALIBRATION_PATH = "/data/", "/cal/"
LAST_MODIFIED = "Mon, 01 Jan 2018 00:00:00 GMT"

_RAW_URLS = re.compile(r"spGetRawUrls (\d+)")
_ASPECT = re.compile(
    rf"select {', '.join(COLUMNS)} from aspect_data where eclipse=(\d+) order by time"
)
_RANGE = re.compile(r"bytes=(\d+)-")

Row = list[Any]


@dataclass
class Reply:
    """What would be answered, if nothing went wrong; a fault may change it, or answer itself."""

    content: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_rows(cls, rows: Sequence[Row]) -> "Reply":
        return cls.of_json({"status": "COMPLETE", "msg": "", "data": {"Tables": [{"Rows": rows}]}})

    @classmethod
    def of_json(cls, answer: Mapping[str, Any]) -> "Reply":
        return cls(json.dumps(answer).encode(), 200, {"Content-Type": "application/json"})


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: "_Listener"

    def do_GET(self) -> None:
        self.server.mast.answer(self)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""

    def send_head(self, reply: Reply, **headers: str) -> None:
        self.send_response(reply.status)
        stated = {"Content-Length": str(len(reply.content)), **reply.headers, **headers}
        for name, value in stated.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def send(self, reply: Reply, **headers: str) -> None:
        self.send_head(reply, **headers)
        self.wfile.write(reply.content)


Fault = Callable[[Handler, Reply], Reply | None]
"""Returns the reply to send, changed or not, or None if it has dealt with the request itself."""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    mast: "MastServer"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""


@dataclass
class _Visit:
    raw6: Mapping[Band, Path]
    scst: Path | None
    aspect: Sequence[Row]
    locations: Sequence[Row] | None


class MastServer:
    """The server; use it as a context manager.

    Parameters
    ----------
    calibration : Path, optional
        Folder of calibration files to serve.
    ranges : bool
        Whether files can be asked for in parts.
    versions : bool
        Whether files come with an ``ETag``.
    """

    def __init__(
        self, calibration: Path | None = None, *, ranges: bool = True, versions: bool = True
    ) -> None:
        self.requests: Counter[str] = Counter()
        self.ranges_asked: list[str] = []
        self.user_agents: set[str] = set()
        self.ranges, self.versions = ranges, versions
        self.stop = threading.Event()
        self._calibration = calibration
        self._visits: dict[int, _Visit] = {}
        self._files: dict[str, Path] = {}
        self._faults: dict[str, list[Fault]] = {}
        self._lock = threading.Lock()
        self._listener = _Listener(("127.0.0.1", 0), Handler)
        self._listener.mast = self
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop.set()
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_port}"

    @property
    def mast_url(self) -> str:
        return self.url + QUERY_PATH

    @property
    def calibration_url(self) -> str:
        return self.url + CALIBRATION_PATH

    @property
    def environment(self) -> dict[str, str]:
        """What a process is to be told that uses this server."""
        return {
            "GPHOTON_DB_MAST_URL": self.mast_url,
            "GPHOTON_DB_CALIBRATION_URL": self.calibration_url,
            "GPHOTON_DB_OFFLINE": "no",
            "NO_PROXY": "127.0.0.1",
        }

    def add_visit(
        self,
        eclipse: int,
        *,
        raw6: Mapping[Band, Path] | None = None,
        scst: Path | None = None,
        aspect: Sequence[Row] = (),
        locations: Sequence[Row] | None = None,
    ) -> None:
        """Serve an eclipse: its files and its rows of the aspect.

        `locations` are rows of ``spGetRawUrls`` to give in place of those of the files.
        """
        raw6 = raw6 or {}
        self._visits[eclipse] = _Visit(raw6, scst, aspect, locations)
        for path in (*raw6.values(), *([scst] if scst else [])):
            self._files[path.name] = path

    def file_url(self, path: Path) -> str:
        return f"{self.url}{FILES_PATH}{path.name}"

    def misbehave(self, what: str, *faults: Fault) -> None:
        """Give the next requests whose path or query contains `what` to these, one each."""
        with self._lock:
            self._faults.setdefault(what, []).extend(faults)

    def asked(self, what: str) -> int:
        """Return how many requests there were whose path or query contains `what`."""
        return sum(n for path, n in self.requests.items() if what in path)

    def answer(self, handler: Handler) -> None:
        """Answer a request; called by the thread of its connection."""
        split = urlsplit(handler.path)
        what = parse_qs(split.query).get("query", [split.path])[0]
        with self._lock:
            self.requests[what] += 1
            self.user_agents.add(handler.headers.get("User-Agent", ""))
            if asked := handler.headers.get("Range"):
                self.ranges_asked.append(asked)
            queue = next((q for key, q in self._faults.items() if key in what and q), None)
            fault = queue.pop(0) if queue else None
        reply: Reply | None = self._reply(split.path, what, handler)
        if fault is not None and reply is not None:
            reply = fault(handler, reply)
        if reply is not None:
            handler.send(reply)

    def _reply(self, path: str, what: str, handler: Handler) -> Reply:
        if path == QUERY_PATH:
            return self._query(what)
        name = path.rpartition("/")[2]
        if path.startswith(CALIBRATION_PATH) and self._calibration is not None:
            return self._file(self._calibration / name, handler)
        return self._file(self._files.get(name, Path(name)), handler)

    def _query(self, sql: str) -> Reply:
        if match := _RAW_URLS.fullmatch(sql):
            return Reply.of_rows(self._locations(int(match[1])))
        if match := _ASPECT.fullmatch(sql):
            visit = self._visits.get(int(match[1]))
            return Reply.of_rows(visit.aspect if visit else [])
        return Reply.of_json({"status": "ERROR", "msg": f"Incorrect syntax near '{sql[:20]}'."})

    def _locations(self, eclipse: int) -> Sequence[Row]:
        """Return the rows as the service has them: padded bands, and what is to be ignored."""
        visit = self._visits.get(eclipse)
        if visit is None:
            return []
        if visit.locations is not None:
            return visit.locations
        rows: list[Row] = [
            [eclipse, f"{band}       ", self.file_url(path)] for band, path in visit.raw6.items()
        ]
        if visit.scst:
            rows.append([eclipse, "scst      ", self.file_url(visit.scst)])
        return rows

    def _file(self, path: Path, handler: Handler) -> Reply:
        if not path.is_file():
            return Reply(b"<html>not here</html>", 404, {"Content-Type": "text/html"})
        content = path.read_bytes()
        version = f'"{len(content):x}-{path.stat().st_mtime_ns:x}"' if self.versions else ""
        headers = {"Content-Type": "application/octet-stream", "ETag": version}
        match = _RANGE.fullmatch(handler.headers.get("Range", "")) if self.ranges else None
        if match is None or handler.headers.get("If-Range", version) != version:
            return Reply(content, 200, headers)
        first, total = int(match[1]), len(content)
        if first >= total:
            return Reply(b"", 416, {"Content-Range": f"bytes */{total}"})
        headers["Content-Range"] = f"bytes {first}-{total - 1}/{total}"
        return Reply(content[first:], 206, headers)
