"""The catalogue of an archive without legs, kept for the next new archive of the same user.

A hundred views and macros and what is said of them are the same in all, and so are the files of
tables without rows: to make them takes DuckDB as long as all the rest of a small ingest.
"""

import hashlib
import logging
import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb

from gphoton_db._version import __version__
from gphoton_db.catalogue.definitions import ROOT_VARIABLE, sql_version
from gphoton_db.catalogue.file import next_version
from gphoton_db.catalogue.segments import define_tables, folder_in_sql
from gphoton_db.catalogue.superseded import now
from gphoton_db.catalogue.views import define_views
from gphoton_db.paths import ArchivePaths
from gphoton_db.query.sql_files import literal
from gphoton_db.system.durable import sync_file, sync_folders
from gphoton_db.system.leftovers import hidden_name
from gphoton_db.system.user_cache import user_cache

logger = logging.getLogger(__name__)

MOST_KEPT = 3
"""Those of several installations: each of another gphoton-db or DuckDB has its own."""

_DIGITS = 16
"""Of hashes, in names."""

Files = Mapping[str, bytes]
"""The files of a catalogue by their names in the archive."""


def kept_files() -> Files:
    """Return the catalogue of an empty archive that was made before; nothing if there is none."""
    for folder in _folder().glob(f"{_name()}-*"):
        try:
            files = _files_of(ArchivePaths(folder))
        except OSError:
            continue
        # What a disk has changed is not used.
        if folder.name.rpartition("-")[2] == _digest_of(files):
            return files
    return {}


def keep_files(paths: ArchivePaths) -> None:
    """Keep the catalogue of an empty archive; where that cannot be, the next one takes longer.

    Parameters
    ----------
    paths : ArchivePaths
        Where the archive is.
    """
    try:
        files, place = _files_of(paths), _folder()
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = place / f"{_name()}-{_digest_of(files)}"
        written = place / hidden_name(kept.name)
        for name, content in files.items():
            (written / name).parent.mkdir(parents=True, exist_ok=True)
            (written / name).write_bytes(content)
        written.rename(kept)
        by_age = sorted(place.iterdir(), key=lambda other: other.stat().st_mtime, reverse=True)
        for other in by_age[MOST_KEPT:]:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    except OSError as error:
        logger.debug("the catalogue of an empty archive cannot be kept (%s)", error)


def made_of_kept(paths: ArchivePaths) -> bool:
    """Make the catalogue of an archive without files from a kept one; False if there is none.

    Parameters
    ----------
    paths : ArchivePaths
        Where the archive is; it must be locked.
    """
    files = {} if paths.segments.exists() else kept_files()
    if not files:
        return False
    start = _put_files(paths, files)
    with next_version(paths, anew=True, start=start) as connection:
        _begin(connection, paths.root)
    return True


def _put_files(paths: ArchivePaths, files: Files) -> bytes:
    """Put the files of the tables in their places, onto the disk, and return the head."""
    placed = {paths.root / name: content for name, content in files.items()}
    head = placed.pop(paths.catalogue)
    for path, content in placed.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sync_file(path)
    sync_folders({path.parent for path in placed} | {paths.segments, paths.root})
    return head


def _begin(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Make the head of an empty archive that of another one, which begins now."""
    folder = literal(str(root))
    connection.execute(f"SET VARIABLE {ROOT_VARIABLE} = {folder}")
    connection.execute(
        f"UPDATE archive_info SET root = {folder}, created_at = TIMESTAMP '{now()}', "
        f"software_version = {literal(__version__)}"
    )
    define_tables(connection, folder_in_sql(root))
    define_views(connection, root)


def _files_of(paths: ArchivePaths) -> Files:
    files = [paths.catalogue, *sorted(paths.segments.glob("*/*.parquet"))]
    return {file.relative_to(paths.root).as_posix(): file.read_bytes() for file in files}


def _digest_of(files: Files) -> str:
    found = hashlib.sha256()
    for name, content in files.items():
        found.update(f"{name} {len(content)}\n".encode() + content)
    return found.hexdigest()[:_DIGITS]


def _folder() -> Path:
    return user_cache() / "gphoton-db" / "empty-archive"


@cache
def _name() -> str:
    """Return a hash of all that the head depends on: its SQL, the code that makes it, DuckDB."""
    code = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    about = "\n".join([sql_version(), duckdb.__version__]).encode()
    return hashlib.sha256(about + b"".join(code)).hexdigest()[:_DIGITS]
