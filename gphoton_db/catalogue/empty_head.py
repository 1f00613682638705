"""The head of an archive without legs, kept for the next new archive of the same user.

A hundred views and macros and what is said of them are the same in all, and take DuckDB as long to
make as all the rest of a small ingest.
"""

import hashlib
import logging
from functools import cache
from pathlib import Path

import duckdb

from gphoton_db.catalogue.definitions import sql_version
from gphoton_db.system.durable import written_beside
from gphoton_db.system.user_cache import user_cache

logger = logging.getLogger(__name__)

_DIGITS = 16
"""Of hashes, in names."""


def kept_head() -> bytes:
    """Return the head of an empty archive that was made before; nothing if there is none."""
    for path in _folder().glob(f"{_name()}-*.duckdb"):
        try:
            head = path.read_bytes()
        except OSError:
            continue
        # What a disk has changed is not used.
        if path.stem.rpartition("-")[2] == _digest(head):
            return head
    return b""


def keep_head(path: Path) -> None:
    """Keep the head of an empty archive; where that cannot be done, the next one takes longer.

    Parameters
    ----------
    path : Path
        The head.
    """
    try:
        head = path.read_bytes()
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = folder / f"{_name()}-{_digest(head)}.duckdb"
        with written_beside(kept) as written:
            written.write_bytes(head)
        for other in set(folder.glob("*-*.duckdb")) - {kept}:
            other.unlink(missing_ok=True)
    except OSError as error:
        logger.debug("the head of an empty archive cannot be kept (%s)", error)


def _folder() -> Path:
    return user_cache() / "gphoton-db" / "empty-archive"


@cache
def _name() -> str:
    """Return a hash of all that the head depends on: its SQL, the code that makes it, DuckDB."""
    code = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    return _digest("\n".join([sql_version(), duckdb.__version__]).encode() + b"".join(code))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]
