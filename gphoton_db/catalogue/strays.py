"""Files of legs that the catalogue does not list: a process was killed before it could.

They harm nobody, for what is not listed is not read.  Files get their places only while no other
process can commit, so that what is not listed then is of nobody.
"""

import logging
from collections.abc import Iterable
from pathlib import Path

import duckdb

from gphoton_db.catalogue.records import IngestRecord
from gphoton_db.catalogue.sources import SourceFileRecord
from gphoton_db.mission import Band
from gphoton_db.paths import FILE_KINDS, leg_folder
from gphoton_db.system.inside import remove_file

logger = logging.getLogger(__name__)


def remove_stray_legs(
    connection: duckdb.DuckDBPyConnection, root: Path, ingests: Iterable[IngestRecord]
) -> None:
    """Remove files of bands of eclipses that are of no leg, of ingests that did not succeed.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue as it is now.
    root : Path
        The archive's folder.
    ingests : iterable of IngestRecord
        Of which bands.
    """
    bands = [(ingest.eclipse, Band(ingest.band)) for ingest in ingests]
    known = _listed(connection, "leg_files", [eclipse for eclipse, _ in bands])
    for eclipse, band in bands:
        for kind in FILE_KINDS:
            folder = (root / leg_folder(kind, band, eclipse, 0)).parent
            _remove(root, folder.glob("leg=*/*.parquet"), known)


def remove_stray_sources(
    connection: duckdb.DuckDBPyConnection, root: Path, records: Iterable[SourceFileRecord]
) -> None:
    """Remove files of sources and photometry, beside those of some records, that do not count.

    Parameters
    ----------
    connection, root
        As for `remove_stray_legs`.
    records : iterable of SourceFileRecord
        Those whose folders are looked at.
    """
    records = list(records)
    known = _listed(connection, "source_files", [record.eclipse for record in records])
    for folder in {(root / record.path).parent for record in records}:
        _remove(root, folder.glob("*.parquet"), known)


def _listed(connection: duckdb.DuckDBPyConnection, table: str, eclipses: Iterable[int]) -> set[str]:
    listed = f"rows_of('{table}', {sorted(set(eclipses))}::INTEGER[])"
    sql = f"SELECT path FROM {listed} UNION ALL SELECT path FROM superseded_files"
    return {str(path) for (path,) in connection.execute(sql).fetchall()}


def _remove(root: Path, files: Iterable[Path], known: set[str]) -> None:
    for file in files:
        if not file.name.startswith(".") and file.relative_to(root).as_posix() not in known:
            logger.info("removing %s, which the catalogue does not list", file)
            remove_file(root, file)
