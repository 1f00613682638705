"""Opening an archive, and making one; its catalogue is made anew if it was lost.

Opening leaves a folder that holds no archive as it is: what only reads would otherwise make an
empty one wherever there is a slip in a path.
"""

import logging
from collections.abc import Collection, Iterable
from errno import ENOTDIR
from os import strerror
from pathlib import Path
from typing import TYPE_CHECKING

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.definitions import sql_version
from gphoton_db.catalogue.file import locked
from gphoton_db.catalogue.product_notes import settle, to_settle
from gphoton_db.catalogue.read_with_key import is_like_key
from gphoton_db.catalogue.session import CatalogueSession, check_writable, no_archive
from gphoton_db.errors import ArchiveError
from gphoton_db.paths import KINDS, SURVEY, ArchivePaths

if TYPE_CHECKING:
    from gphoton_db.catalogue.staged import FoundBlock

logger = logging.getLogger(__name__)


def open_archive(session: CatalogueSession) -> None:
    """Make an archive's views those that they should be, and a lost catalogue anew.

    Raises
    ------
    ArchiveError
        If it is damaged, or no archive can be in that place.
    """
    catalogue = session.catalogue
    root = catalogue.paths.root
    if catalogue.address is not None:
        return
    try:
        if catalogue.paths.catalogue.exists():
            _settle(session)
            _enter_noted(catalogue)
        elif root.is_dir():
            if _holds_files(catalogue.paths):
                catalogue.restore(lambda known: _find_ingested(root, known))
        else:
            _check_place(root)
    except OSError as error:
        raise ArchiveError(f"{root}: cannot be made or read ({error.strerror or error})") from None


def make_archive(catalogue: Catalogue) -> None:
    """Make an archive's folder and its catalogue, if there is none.

    Raises
    ------
    ArchiveError
        If it cannot be made, or is only read.
    """
    check_writable(catalogue)
    root = catalogue.paths.root
    if catalogue.paths.catalogue.exists():
        return
    try:
        root.mkdir(parents=True, exist_ok=True)
        there = _holds_files(catalogue.paths)
        catalogue.restore((lambda known: _find_ingested(root, known)) if there else None)
    except OSError as error:
        raise ArchiveError(f"{root}: cannot be made or read ({error.strerror or error})") from None


def check_folder(paths: ArchivePaths) -> None:
    """Check that an archive's folder is there, for what reads files without the catalogue.

    Raises
    ------
    ArchiveError
        If it is not.
    """
    if not paths.root.is_dir():
        raise no_archive(paths)


def _holds_files(paths: ArchivePaths) -> bool:
    """Return whether there is anything from which a lost catalogue can be made anew."""
    from gphoton_db.schemas import OF_SOURCES

    kinds = (*KINDS, *OF_SOURCES, SURVEY)
    found = (
        folder.rglob(pattern)
        for folder in (*(paths.root / kind for kind in kinds), paths.pointing)
        for pattern in ("*.parquet", "*scst*")
    )
    return any(next(files, None) for files in found)


def _check_place(root: Path) -> None:
    """Find out whether a folder can be made there at all."""
    for parent in (root, *root.parents):
        if parent.exists():
            if not parent.is_dir():
                raise NotADirectoryError(ENOTDIR, strerror(ENOTDIR))
            return


def _find_ingested(root: Path, known: Collection[tuple[int, str]]) -> "Iterable[FoundBlock]":
    # Only a lost catalogue needs what reads ticks files.
    from gphoton_db.intake.scan import scan_archive

    return scan_archive(root, known)


def _enter_noted(catalogue: Catalogue) -> None:
    """Enter the products of processes that were killed before they could, where it can be."""
    if not to_settle(catalogue.paths):
        return
    try:
        with locked(catalogue.paths):
            settle(catalogue.paths, catalogue.reader, catalogue.changing)
    except (ArchiveError, OSError) as error:
        logger.info("%s: products are not entered (%s)", catalogue.paths.root, error)


def _settle(session: CatalogueSession) -> None:
    """Make the views those of this gphoton-db, and of the folder in which the archive is now.

    That is, where it can be written.  Our own sessions name the folder in a variable; this is for
    the bare DuckDB shell.
    """
    catalogue, root = session.catalogue, session.catalogue.paths.root
    cursor = session.connection().execute("SELECT root, sql_version FROM archive_info")
    stored, version = cursor.fetchall()[0]
    if (stored, version) == (str(root), sql_version()):
        return
    try:
        catalogue.refresh_root()
        logger.info("%s: moved here from %s", root, stored)
    except (ArchiveError, OSError) as error:
        if is_like_key(root) != is_like_key(Path(stored)):
            raise ArchiveError(
                f"{root}: lies in a folder that is called like those of a leg (band=..., "
                f"eclipse=..., leg=...), and its views cannot be changed ({error}): "
                "rename the folder, or open the archive once where it can be written"
            ) from None
        logger.info("%s: was moved, and stays as it is (%s)", root, error)
