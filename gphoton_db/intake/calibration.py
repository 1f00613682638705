"""The calibration files that a set of an archive lacks, fetched into it."""

from gphoton_db.calibration import missing_files
from gphoton_db.calibration.sets import files_of, set_folder
from gphoton_db.errors import OfflineError
from gphoton_db.mission import Bands, parse_bands
from gphoton_db.paths import ArchivePaths
from gphoton_db.progress import Progress, no_progress
from gphoton_db.service import ServiceOptions


def fetch_set(
    paths: ArchivePaths,
    name: str,
    bands: Bands,
    options: ServiceOptions,
    *,
    on_download: Progress = no_progress,
) -> list[str]:
    """Fetch what a set of an archive lacks, and return the files' names.

    See `Archive.fetch_calibration`.

    Raises
    ------
    OfflineError
        If any are missing and the network must not be used.
    ServiceError
        If one cannot be fetched; those before it stay.
    """
    folder = set_folder(paths.calibration, name)
    missing = missing_files(files_of(*parse_bands(bands)), folder)
    if not missing:
        return []
    if options.offline:
        raise OfflineError(
            f"{folder} lacks {', '.join(file.name for file in missing)}: import them (gphoton-db "
            "calibration import), or allow the network"
        )
    from gphoton_db.ingest.mast.calibration import fetch_calibration
    from gphoton_db.ingest.mast.client import Client

    return fetch_calibration(Client(options), missing, folder, on_progress=on_download)
