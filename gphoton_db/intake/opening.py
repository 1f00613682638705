"""Opening an archive: made if there is none, made anew if its catalogue was lost."""

import logging
from pathlib import Path

from gphoton_db.catalogue.catalogue import IngestedBand
from gphoton_db.catalogue.session import CatalogueSession
from gphoton_db.catalogue.views import sql_version
from gphoton_db.errors import ArchiveError

logger = logging.getLogger(__name__)


def open_archive(session: CatalogueSession) -> None:
    """Make an archive's catalogue if there is none; make its views those that they should be.

    Raises
    ------
    ArchiveError
        If it cannot be made, or is damaged.
    """
    catalogue = session.catalogue
    root = catalogue.paths.root
    try:
        if catalogue.paths.catalogue.exists():
            _settle(session)
            return
        root.mkdir(parents=True, exist_ok=True)
        catalogue.restore(lambda: _find_ingested(root))
    except OSError as error:
        raise ArchiveError(f"{root}: cannot be made or read ({error.strerror or error})") from None


def _find_ingested(root: Path) -> list[IngestedBand]:
    # Only a lost catalogue needs what reads photon files and their kernels.
    from gphoton_db.intake.manifest import scan_archive

    found = scan_archive(root)
    if found:
        logger.warning(
            "%s: the catalogue was lost; made anew from the files of %d ingests", root, len(found)
        )
    return found


def _settle(session: CatalogueSession) -> None:
    """Make the views those of this gphoton-db, and of the folder in which the archive is now.

    That is, where it can be written.  Our own sessions name the folder in a variable; this is for
    the bare DuckDB shell.
    """
    catalogue, root = session.catalogue, session.catalogue.paths.root
    cursor = session.connection().execute("SELECT root, sql_version FROM archive_info")
    ((stored, version),) = cursor.fetchall()
    if (stored, version) == (str(root), sql_version()):
        return
    try:
        catalogue.refresh_root()
        logger.info("%s: moved here from %s", root, stored)
    except (ArchiveError, OSError) as error:
        logger.info("%s: was moved, and stays as it is (%s)", root, error)
