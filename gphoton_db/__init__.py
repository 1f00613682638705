"""gphoton-db: an embedded, database-backed archive of GALEX photons.

>>> from gphoton_db import Archive  # doctest: +SKIP
>>> with Archive("gphoton-archive") as archive:  # doctest: +SKIP
...     archive.query("SELECT count(*) FROM photons").df()

What is named here is imported when it is first asked for: ``import gphoton_db`` alone loads
neither DuckDB nor numpy.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gphoton_db._version import __version__

if TYPE_CHECKING:
    from gphoton_db.archive import Archive
    from gphoton_db.aspect.coverage import CoverageRegions
    from gphoton_db.calibration.importing import CalibrationImport
    from gphoton_db.calibration.verify import CheckedSet
    from gphoton_db.catalogue.reads import QueryReads
    from gphoton_db.catalogue.records import LegRecord
    from gphoton_db.catalogue.status import ArchiveStatus, LegFilter
    from gphoton_db.errors import (
        ArchiveError,
        CalibrationError,
        ClusterError,
        EclipseListError,
        GPhotonError,
        NoCoverageError,
        OfflineError,
        PointingError,
        ProductError,
        QueryError,
        ReductionError,
        ServiceError,
        SettingsError,
        SimulationError,
        TelemetryError,
        UnreachableError,
        UnsupportedEclipseError,
    )
    from gphoton_db.intake.ingest_band import IngestReport
    from gphoton_db.intake.many.report import ManyReport, Watch
    from gphoton_db.intake.pointing_import import PointingImport
    from gphoton_db.mission import Band, Flag
    from gphoton_db.pipeline.run import RunReport
    from gphoton_db.pipeline.run_many import MadeLeg, ManyRunReport, RunWatch
    from gphoton_db.products.geometry import ImageGeometry
    from gphoton_db.products.images.image import Image
    from gphoton_db.products.lightcurves.lightcurve import LightCurve
    from gphoton_db.products.lightcurves.write_many import WrittenLightCurves
    from gphoton_db.products.maps.coadd import Coadd
    from gphoton_db.products.maps.sky_map import SkyMap
    from gphoton_db.products.movies.movie import Movie
    from gphoton_db.products.photons.events import Events
    from gphoton_db.products.photons.write_events import WrittenEvents
    from gphoton_db.products.run_leg import LegReport
    from gphoton_db.products.run_options import RunOptions
    from gphoton_db.products.sources.detect import Detection
    from gphoton_db.products.sources.photometry import Photometry
    from gphoton_db.query.query import QueryResult
    from gphoton_db.service import ServiceOptions
    from gphoton_db.settings import Settings, load_settings

__all__ = [
    "Archive",
    "ArchiveError",
    "ArchiveStatus",
    "Band",
    "CalibrationError",
    "CalibrationImport",
    "CheckedSet",
    "ClusterError",
    "Coadd",
    "CoverageRegions",
    "Detection",
    "EclipseListError",
    "Events",
    "Flag",
    "GPhotonError",
    "Image",
    "ImageGeometry",
    "IngestReport",
    "LegFilter",
    "LegRecord",
    "LegReport",
    "LightCurve",
    "MadeLeg",
    "ManyReport",
    "ManyRunReport",
    "Movie",
    "NoCoverageError",
    "OfflineError",
    "Photometry",
    "PointingError",
    "PointingImport",
    "ProductError",
    "QueryError",
    "QueryReads",
    "QueryResult",
    "ReductionError",
    "RunOptions",
    "RunReport",
    "RunWatch",
    "ServiceError",
    "ServiceOptions",
    "Settings",
    "SettingsError",
    "SimulationError",
    "SkyMap",
    "TelemetryError",
    "UnreachableError",
    "UnsupportedEclipseError",
    "Watch",
    "WrittenEvents",
    "WrittenLightCurves",
    "__version__",
    "load_settings",
]

_PUBLIC = {
    "archive": ("Archive",),
    "aspect.coverage": ("CoverageRegions",),
    "calibration.importing": ("CalibrationImport",),
    "calibration.verify": ("CheckedSet",),
    "catalogue.reads": ("QueryReads",),
    "catalogue.records": ("LegRecord",),
    "catalogue.status": ("ArchiveStatus", "LegFilter"),
    "errors": (
        "ArchiveError",
        "CalibrationError",
        "ClusterError",
        "EclipseListError",
        "GPhotonError",
        "NoCoverageError",
        "OfflineError",
        "PointingError",
        "ProductError",
        "QueryError",
        "ReductionError",
        "ServiceError",
        "SettingsError",
        "SimulationError",
        "TelemetryError",
        "UnreachableError",
        "UnsupportedEclipseError",
    ),
    "service": ("ServiceOptions",),
    "intake.ingest_band": ("IngestReport",),
    "intake.many.report": ("ManyReport", "Watch"),
    "intake.pointing_import": ("PointingImport",),
    "mission": ("Band", "Flag"),
    "pipeline.run": ("RunReport",),
    "pipeline.run_many": ("MadeLeg", "ManyRunReport", "RunWatch"),
    "products.geometry": ("ImageGeometry",),
    "products.images.image": ("Image",),
    "products.lightcurves.lightcurve": ("LightCurve",),
    "products.lightcurves.write_many": ("WrittenLightCurves",),
    "products.maps.coadd": ("Coadd",),
    "products.maps.sky_map": ("SkyMap",),
    "products.movies.movie": ("Movie",),
    "products.photons.events": ("Events",),
    "products.photons.write_events": ("WrittenEvents",),
    "products.run_leg": ("LegReport",),
    "products.run_options": ("RunOptions",),
    "products.sources.detect": ("Detection",),
    "products.sources.photometry": ("Photometry",),
    "query.query": ("QueryResult",),
    "settings": ("Settings", "load_settings"),
}
"""Where the public names are; a test compares them with those above."""

_MODULE_OF = {name: module for module, names in _PUBLIC.items() for name in names}


class _CheckoutFinder(MetaPathFinder):
    """Finds gphoton_db.{sql,ingest,products,aspect} beside this folder, in a checkout.

    Python started in the repository's root sees this bare folder before any installed copy; its
    siblings are mapped into the package only by the installation.  Without this finder such a
    Python fails on ``gphoton_db.ingest``, or, worse, takes it from another checkout's install.
    """

    siblings = frozenset(f"gphoton_db.{name}" for name in ("sql", "ingest", "products", "aspect"))

    def __init__(self, root: Path) -> None:
        self.root = root

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self.siblings:
            return None
        # PathFinder looks for the last part of the name, and names the module in full.
        return PathFinder.find_spec(fullname, [str(self.root)])


_here = Path(__file__).resolve().parent
# An installed copy has its `ingest` inside, and needs no finder.
if not (_here / "ingest").is_dir() and (_here.parent / "ingest").is_dir():
    sys.meta_path.insert(0, _CheckoutFinder(_here.parent))

# Before any kernel is made, and whether or not numba was imported before.
import_module(f"{__name__}.system.kernel_cache").choose_cache(_here)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value  # asked for once
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
