"""A server on loopback, on an archive that other tests have made, and a client like a browser."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from gphoton_db.archive import Archive
from gphoton_db.serve.options import ServeOptions
from gphoton_db.serve.server import Server
from tests.archives import SessionArchive


@dataclass(frozen=True)
class Reply:
    """What a server answers."""

    status: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def error(self) -> str:
        """The sentence that says what is wrong."""
        return str(self.json()["error"])


class Client:
    """Asks a server, with the cookie that its first address gives."""

    def __init__(self, server: Server) -> None:
        self.port, self.token = server.port, server.token
        self.host = f"127.0.0.1:{server.port}"
        self.cookie = f"gphoton_db_{server.port}={server.token}"

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        body: Any = None,
        cookie: bool = True,
    ) -> Reply:
        """Return what is answered; `headers` stand in the place of those of a browser."""
        sent = {"Host": self.host} | ({"Cookie": self.cookie} if cookie else {})
        content = None
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in (sent | (headers or {})).items():
                connection.putheader(name, value)
            connection.endheaders(content)
            reply = connection.getresponse()
            names = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, names, reply.read())
        finally:
            connection.close()

    def get(self, path: str, **parameters: Any) -> Reply:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self.ask("GET", path + query)

    def sql(self, statement: str) -> Reply:
        return self.ask("POST", "/api/sql", body={"sql": statement})


@pytest.fixture(scope="session")
def serve_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the user who serves: tiles and notes are kept below it."""
    return tmp_path_factory.mktemp("serve-home")


def started(root: Path, home: Path, **options: Any) -> Server:
    """Return a server that is not started yet; what it keeps is in `home`."""
    with pytest.MonkeyPatch.context() as patch, Archive(root) as archive:
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        patch.setenv("XDG_DATA_HOME", str(home / "data"))
        return Server(archive._catalogue, ServeOptions(port=0, browser=False, **options))


@pytest.fixture(scope="session")
def server(two_bands: SessionArchive, serve_home: Path) -> Iterator[Server]:
    """A server of one visit in both bands."""
    with started(two_bands.archive_path, serve_home, sql_seconds=30.0, sql_rows=100) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: Server) -> Client:
    return Client(server)


@pytest.fixture
def served(two_bands: SessionArchive) -> Iterator[Archive]:
    """The archive that is served."""
    with Archive(two_bands.archive_path) as archive:
        yield archive
