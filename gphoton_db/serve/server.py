"""The server: it listens, says its address, and ends."""

import logging
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from importlib.util import find_spec
from types import TracebackType
from typing import Any

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.errors import GPhotonError, SettingsError
from gphoton_db.serve.options import ServeOptions
from gphoton_db.system.cores import usable_cores

logger = logging.getLogger(__name__)

_ENDING_S = 3
"""How long work that was begun goes on when the server ends."""

_UVICORN: dict[str, Any] = {
    "ws": "none",
    "loop": "asyncio",
    "lifespan": "off",
    "interface": "asgi3",
    "log_config": None,
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
    "limit_concurrency": 512,
    "timeout_keep_alive": 30,
    "timeout_graceful_shutdown": _ENDING_S,
    "h11_max_incomplete_event_size": 16_384,
}
"""What it is told of HTTP."""

_QUEUE = 256


def require_web() -> None:
    """Check that the packages of the extra ``web`` are installed.

    Raises
    ------
    SettingsError
        If one is not.
    """
    for name in ("starlette", "uvicorn"):
        if find_spec(name) is None:
            raise SettingsError(f"serving needs {name}: install it (pip install 'gphoton-db[web]')")


class Server:
    """A server of one archive, on a socket of its own.

    Parameters
    ----------
    catalogue : Catalogue
        Of the archive.
    options : ServeOptions
        How it is served.

    Raises
    ------
    ArchiveError
        If there is no archive.
    SettingsError
        If the port is taken, or the extra ``web`` is not installed.
    """

    def __init__(self, catalogue: Catalogue, options: ServeOptions) -> None:
        require_web()
        import uvicorn

        from gphoton_db.serve.app import application
        from gphoton_db.serve.connections import TimedProtocol
        from gphoton_db.serve.guard import Guard
        from gphoton_db.serve.served import Served

        self.served = Served.of(catalogue, options)
        try:
            self.served.archive.legs()  # says so if there is no archive
            self._socket = _listen(options.host, options.port)
        except GPhotonError:
            self.served.close()
            raise
        self.host, self.port = options.host, int(self._socket.getsockname()[1])
        self.token = secrets.token_urlsafe(24)
        app = Guard(
            application(self.served, 2 * usable_cores()),
            *(self.token, self.host, self.port),
            framed=options.framed,
        )
        config = uvicorn.Config(app, http=TimedProtocol, **_UVICORN)
        self._uvicorn = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    @property
    def root(self) -> str:
        """The address without the token."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{name}:{self.port}"

    @property
    def address(self) -> str:
        """The address to open first."""
        return f"{self.root}/?token={self.token}"

    @property
    def hips_address(self) -> str:
        """Where programs that keep no cookie find the HiPS of a band, whose name is to follow."""
        return f"{self.root}/key/{self.token}/hips/"

    def run(self) -> None:
        """Serve until Ctrl-C."""
        try:
            self._uvicorn.run(sockets=[self._socket])
        except KeyboardInterrupt:
            logger.debug("stopped by Ctrl-C")
        finally:
            self._close()

    def start(self) -> None:
        """Serve in a thread, until `stop`."""
        self._thread = threading.Thread(
            target=self._uvicorn.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._uvicorn.should_exit = True
        if self._thread is not None:
            self._thread.join(2 * _ENDING_S)
        self._close()

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _close(self) -> None:
        self._socket.close()
        self.served.close()


def serve(
    catalogue: Catalogue, options: ServeOptions, on_start: Callable[[Server], None] | None
) -> None:
    """Serve an archive until Ctrl-C; see `Archive.serve`."""
    server = Server(catalogue, options)
    warn_of_others(options)
    if on_start is not None:
        on_start(server)
    threading.Thread(target=server.served.prepare, daemon=True).start()
    if options.browser:
        threading.Timer(0.5, webbrowser.open, [server.address]).start()
    server.run()


def warn_of_others(options: ServeOptions) -> None:
    """Say so where programs of other machines can reach the server."""
    if not options.is_local:
        logger.warning(
            "%s: who has the address can reach this server from elsewhere, and what it sends is "
            "not encrypted; without --host it is for this machine alone",
            options.host,
        )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Said to be TCP, for asyncio sends at once only then: else small answers wait for 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_QUEUE)
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"{host} port {port} cannot be had ({error.strerror or error}): take another one "
            "(--port 0 takes any)"
        ) from None
    listening.setblocking(False)
    return listening
