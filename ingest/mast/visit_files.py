"""The files of a visit, telemetry and spacecraft state, under our names for them."""

import logging
from pathlib import Path

from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.content import raw6_check, scst_check
from gphoton_db.ingest.mast.download import Wanted, download
from gphoton_db.ingest.mast.locations import FileLocations
from gphoton_db.mission import Band
from gphoton_db.paths import raw6_name, scst_name
from gphoton_db.progress import Progress, no_progress

log = logging.getLogger(__name__)


def fetch_raw6(
    client: Client,
    locations: FileLocations,
    band: Band,
    folder: Path,
    *,
    on_progress: Progress = no_progress,
) -> bool:
    """Fetch the telemetry of a band into `folder`, unless it is there.

    Returns
    -------
    bool
        Whether it was fetched.

    Raises
    ------
    ServiceError
        If there is none, it cannot be had, or it is damaged or of another eclipse or band.
    """
    eclipse = locations.eclipse
    url = locations.of_raw6(band)
    wanted = Wanted(url, folder, raw6_name(eclipse, band), raw6_check(eclipse, band))
    return download(client, wanted, on_progress=on_progress)


def fetch_scst(
    client: Client, locations: FileLocations, folder: Path, *, on_progress: Progress = no_progress
) -> bool:
    """Fetch the spacecraft state into `folder`, unless it is there or there is none.

    Returns
    -------
    bool
        Whether it was fetched.

    Raises
    ------
    ServiceError
        If it cannot be had, or it is damaged or of another eclipse.
    """
    eclipse = locations.eclipse
    if locations.scst is None:
        log.warning(
            "eclipse %d: the mission archive has no spacecraft state of it: plan and temperatures "
            "are not known",
            eclipse,
        )
        return False
    wanted = Wanted(locations.scst, folder, scst_name(eclipse), scst_check(eclipse))
    return download(client, wanted, on_progress=on_progress)
