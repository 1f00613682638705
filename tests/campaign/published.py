"""Publishing in the campaign: what readers see of a folder after a kill is one whole version."""

import os
import shutil
from pathlib import Path

from gphoton_db.archive import Archive
from gphoton_db.remote.pointer import POINTER
from tests.campaign.outcome import SilentlyWrongError
from tests.campaign.workplace import Workplace
from tests.rangeserver import RangeServer


def target_of(place: Workplace) -> Path:
    """Return the folder that is published into."""
    return place.folder / "published"


def before_publishing(place: Workplace, name: str) -> Path:
    """Return an archive that was not published yet."""
    shutil.rmtree(target_of(place), ignore_errors=True)
    return place.copy(name)


def require_published(place: Workplace) -> None:
    """Require that a reader sees all photons, or that there is nothing published."""
    folder = target_of(place)
    if not (folder / POINTER).exists():
        return
    os.environ["GPHOTON_DB_CACHE"] = str(place.folder / "cache")
    with RangeServer(folder) as server, Archive(server.address) as archive:
        # Of a column, so that the photons are read, and not only counted by the footers.
        ((n,),) = (row.values() for row in archive.query("SELECT count(t_ms) FROM photons").rows())
        legs = archive.legs()
    if n != sum(leg.n_photons for leg in legs) or len(legs) != len(place.legs):
        raise SilentlyWrongError(f"after a kill, readers see {n} photons of {len(legs)} legs")
