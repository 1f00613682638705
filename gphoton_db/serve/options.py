"""How an archive is served."""

from dataclasses import dataclass

from gphoton_db.errors import SettingsError

LOOPBACK = ("127.0.0.1", "localhost", "::1")

DEFAULT_PORT = 8410

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class ServeOptions:
    """How to serve an archive.

    Parameters
    ----------
    host : str
        Name or number of the interface; all but loopback lets others in who have the address.
    port : int
        0 takes one that is free.
    browser : bool
        Open the page in the system's browser.
    framed : bool
        The page may be part of one of this machine's other pages: a notebook.
    memory_mb : int
        Photons of legs in view that are kept in memory, at most.
    disk_mb : int
        Tiles that are kept on disk, at most.
    sql_seconds : float
        How long a statement may take.
    sql_rows : int
        Rows of it that are shown.

    Raises
    ------
    SettingsError
        If a number is none that can be.
    """

    host: str = LOOPBACK[0]
    port: int = DEFAULT_PORT
    browser: bool = True
    framed: bool = False
    memory_mb: int = 1000
    disk_mb: int = 1000
    sql_seconds: float = 10.0
    sql_rows: int = 10_000

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"port {self.port} is not valid: it is 0 (any) to 65535")
        for name in ("memory_mb", "disk_mb", "sql_seconds", "sql_rows"):
            if not 0 < getattr(self, name) < float("inf"):
                raise SettingsError(f"{name} is {getattr(self, name)}: give more than 0")

    @property
    def memory_bytes(self) -> int:
        """Bytes of photons in memory."""
        return self.memory_mb * _MEGABYTE

    @property
    def disk_bytes(self) -> int:
        """Bytes of tiles on disk."""
        return self.disk_mb * _MEGABYTE

    @property
    def is_local(self) -> bool:
        """Whether nobody but programs of this machine can reach it."""
        return self.host in LOOPBACK
