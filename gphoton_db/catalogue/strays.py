"""Files of legs that the catalogue does not list: a process was killed before it could.

They harm nobody, for what is not listed is not read.  Files get their places only while no other
process can commit, so that what is not listed then is of nobody.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from gphoton_db.errors import ArchiveError
from gphoton_db.mission import Band
from gphoton_db.paths import FILE_KINDS, leg_folder
from gphoton_db.system.inside import remove_file

if TYPE_CHECKING:
    from gphoton_db.catalogue.records import IngestRecord
    from gphoton_db.catalogue.sources import SourceFileRecord

logger = logging.getLogger(__name__)


@contextmanager
def no_strays(
    reader: Callable[[], duckdb.DuckDBPyConnection],
    root: Path,
    ingests: "Collection[IngestRecord]",
    made: "Collection[SourceFileRecord]",
) -> Iterator[None]:
    """Remove files that the catalogue does not list, before a commit, and after one that failed.

    Before it, for a process may be killed as soon as the catalogue lists the new ones.

    Parameters
    ----------
    reader : callable
        Opens the catalogue as it is now.
    root : Path
        The archive's folder.
    ingests : collection of IngestRecord
        Bands of eclipses whose legs are looked at.
    made : collection of SourceFileRecord
        Files of sources and photometry, whose folders are looked at.
    """
    _remove_strays(reader, root, ingests, made)
    try:
        yield
    except BaseException:
        _remove_strays(reader, root, ingests, made)
        raise


def _remove_strays(
    reader: Callable[[], duckdb.DuckDBPyConnection],
    root: Path,
    ingests: "Collection[IngestRecord]",
    made: "Collection[SourceFileRecord]",
) -> None:
    try:
        # Where there are none at all, the catalogue need not be opened.
        if any(chain(_of_legs(root, ingests), _of_sources(root, made))):
            with reader() as connection:
                _remove_legs(connection, root, ingests)
                _remove_sources(connection, root, made)
    except (ArchiveError, OSError) as error:
        logger.warning("files of ingests that did not succeed are left over: %s", error)


def _of_legs(root: Path, ingests: "Collection[IngestRecord]") -> Iterator[Path]:
    for ingest in ingests:
        for kind in FILE_KINDS:
            folder = (root / leg_folder(kind, Band(ingest.band), ingest.eclipse, 0)).parent
            yield from folder.glob("leg=*/*.parquet")


def _of_sources(root: Path, made: "Collection[SourceFileRecord]") -> Iterator[Path]:
    for folder in {(root / record.path).parent for record in made}:
        yield from folder.glob("*.parquet")


def _remove_legs(
    connection: duckdb.DuckDBPyConnection, root: Path, ingests: "Collection[IngestRecord]"
) -> None:
    known = _listed(connection, "leg_files", [ingest.eclipse for ingest in ingests])
    remove_unlisted(root, _of_legs(root, ingests), known)


def _remove_sources(
    connection: duckdb.DuckDBPyConnection, root: Path, made: "Collection[SourceFileRecord]"
) -> None:
    known = _listed(connection, "source_files", [record.eclipse for record in made])
    remove_unlisted(root, _of_sources(root, made), known)


def _listed(connection: duckdb.DuckDBPyConnection, table: str, eclipses: Iterable[int]) -> set[str]:
    listed = f"rows_of('{table}', {sorted(set(eclipses))}::INTEGER[])"
    return paths_in(connection, listed) | paths_in(connection, "superseded_files")


def paths_in(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    """Return the files that a table, or what stands for one behind FROM, lists."""
    return {str(path) for (path,) in connection.execute(f"SELECT path FROM {table}").fetchall()}


def unlisted(root: Path, files: Iterable[Path], known: Collection[str]) -> Iterator[Path]:
    """Yield those of some files that are complete, for their names are seen, and not known."""
    for file in files:
        if not file.name.startswith(".") and file.relative_to(root).as_posix() not in known:
            yield file


def remove_unlisted(root: Path, files: Iterable[Path], known: Collection[str]) -> None:
    """Remove those of some files that `unlisted` yields."""
    for file in unlisted(root, files, known):
        logger.info("removing %s, which the catalogue does not list", file)
        remove_file(root, file)
