"""What a process does once, before it forks commands that would each do it anew.

Imports, kernels, texts of SQL, and the inputs of visits that do not change: together these take
more than what a command on a small archive is about.
"""

import gc
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

import gphoton_db
from gphoton_db.archive import Archive
from gphoton_db.intake.many import ingest_job
from gphoton_db.intake.stage import stage_band
from gphoton_db.mission import Band
from gphoton_db.progress import no_progress
from gphoton_db.system.compiling import compile_ahead, compile_group
from gphoton_db.warm_up import ALL_GROUPS
from tests.campaign.workplace import Workplace

OTHERS = ("astropy.table", "astropy.wcs", "astropy.coordinates", "pandas", "pyarrow.csv",
          "pyarrow.dataset", "rich.progress", "scipy.ndimage", "scipy.spatial")  # fmt: skip
"""What takes long to import, and is imported late."""


def import_everything() -> None:
    """Import what commands use, and load all kernels."""
    ours = [each.name for each in walk_packages(gphoton_db.__path__, "gphoton_db.")]
    for module in (*OTHERS, *ours):
        if not module.endswith("__main__"):
            import_module(module)
    for group in ALL_GROUPS:
        compile_group(group)
    compile_ahead(ALL_GROUPS, no_progress)  # they are there: no command looks again


@cache
def know_inputs(place: Workplace) -> None:
    """Ingest a band: its calibration and coverage, and all texts of SQL, stay in memory."""
    keep_calibration()
    with Archive(place.nothing("known"), create=True) as archive:
        archive.ingest(
            place.eclipse,
            Band.NUV,
            raw6=place.raw6,
            pointing=place.visits / "pointing",
            calibration=place.visits / "calibration-synthetic",
        )
    gc.collect()
    gc.freeze()  # else the first collection of each child copies all objects


def keep_calibration() -> None:
    """Have ingests of this process take the calibration from memory, as those of many do.

    Files that have changed are read anew.
    """
    stage_band.__kwdefaults__ = {"load": ingest_job.CALIBRATION}
