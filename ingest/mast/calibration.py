"""Calibration files from the folder of the mission archive."""

import logging
from collections.abc import Iterable
from pathlib import Path

from gphoton_db.calibration.fetched import fetched_files
from gphoton_db.calibration.manifest import AnyFile, missing_files
from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.content import calibration_check
from gphoton_db.ingest.mast.download import Wanted, download
from gphoton_db.progress import Progress, no_progress

log = logging.getLogger(__name__)


def fetch_calibration(
    client: Client, files: Iterable[AnyFile], folder: Path, *, on_progress: Progress = no_progress
) -> list[str]:
    """Fetch the calibration files that are missing, and record their hashes.

    Parameters
    ----------
    client : Client
        Whose options give the address of the files.
    files : iterable
        What is needed: ``files_for(band, eclipse)``.
    folder : Path
        Where they go; what is there is not touched.
    on_progress : callable
        Told ``(name, bytes done, bytes in all)``.

    Returns
    -------
    list of str
        Names of the files that were fetched.

    Raises
    ------
    ServiceError
        If one cannot be had, or is not what it should be; those before it stay.
    """
    base = client.options.calibration_url.rstrip("/")
    before = fetched_files(folder)
    fetched = []
    for file in missing_files(files, folder):
        wanted = Wanted(f"{base}/{file.name}", folder, file.name, calibration_check(file))
        if download(client, wanted, on_progress=on_progress):
            fetched.append(file.name)
    now = fetched_files(folder)
    for name in fetched:
        if name in before and before[name].sha256 != now[name].sha256:
            log.warning(
                "%s: differs from the one that was fetched on %s", name, before[name].fetched_at
            )
    return fetched
