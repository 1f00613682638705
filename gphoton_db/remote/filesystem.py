"""What DuckDB reads files that are afar by: a file system of fsspec over fetched parts.

DuckDB's own way to the web (httpfs) asks for the size of every file first, reads once more what was
read in another way, and must be of DuckDB's very version.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fsspec import AbstractFileSystem

from gphoton_db.remote.mounted import PROTOCOL, Mounted

if TYPE_CHECKING:
    import duckdb

_UNCHANGED = datetime(2000, 1, 1, tzinfo=UTC)


class _File:
    """An open file, as DuckDB uses one."""

    def __init__(self, mounted: Mounted, name: str) -> None:
        self._mounted, self._name, self._at = mounted, name, 0

    def seek(self, offset: int) -> int:
        """Go to a place."""
        self._at = offset
        return offset

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def read(self, length: int) -> bytes:
        """Return the next bytes."""
        content = self._mounted.store.read(self._name, self._at, length)
        self._at += len(content)
        return content

    def close(self) -> None:
        """Do nothing: what was fetched stays."""


class ArchiveFiles(AbstractFileSystem):  # type: ignore[misc]
    """The files of one archive.

    Parameters
    ----------
    mounted : Mounted
        The archive.
    """

    protocol = PROTOCOL
    cachable = False

    def __init__(self, mounted: Mounted) -> None:
        super().__init__()
        self._mounted = mounted

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path

    def open(self, path: str, mode: str = "rb", **_: Any) -> _File:
        """Open a file to read."""
        if mode != "rb":
            raise OSError(f"{path}: archives that are afar are only read")
        return _File(self._mounted, self._name(path))

    def glob(self, path: str, **_: Any) -> list[str]:
        """Return a file itself: nothing is searched for."""
        return [path]

    def exists(self, path: str, **_: Any) -> bool:
        """Return true: what a catalogue lists is there, or its absence is an error."""
        return True

    def isdir(self, path: str) -> bool:
        """Return false: folders are never looked at."""
        return False

    def size(self, path: str) -> int:
        """Return the bytes of a file."""
        return self._mounted.store.size(self._name(path))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Return what is known of a file."""
        return {"name": path, "size": self.size(path), "type": "file"}

    def modified(self, path: str) -> datetime:
        """Return a time that is always the same: files of archives never change."""
        return _UNCHANGED

    def _name(self, path: str) -> str:
        # The marked path of a file of which no row is meant has /./ in it.
        parts = path.removeprefix(f"{self._mounted.sql_root}/").split("/")
        return "/".join(part for part in parts if part != ".")


def let_read(connection: "duckdb.DuckDBPyConnection", mounted: Mounted) -> None:
    """Let a session read the files of an archive that is afar."""
    connection.register_filesystem(ArchiveFiles(mounted))
