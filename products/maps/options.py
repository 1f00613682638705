"""How to make maps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from gphoton_db.mission import NARROW_EDGE_PIXELS, Band
from gphoton_db.system.cores import usable_cores


class CutoutChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.cutout`: fields of `MapOptions`."""

    pixel: float
    edge: float
    calibration: str | Path | None


class MapChoices(CutoutChoices, total=False):
    """Keyword arguments of `Archive.map`: fields of `MapOptions`."""

    bands: str | Band | Iterable[str | Band]
    time_ranges: Iterable[tuple[Any, Any]] | None
    depth: float | None


@dataclass(frozen=True)
class MapOptions:
    """How to make maps, as a user says it.

    Parameters
    ----------
    bands : str or Band, or several
        Which bands.
    time_ranges : iterable of pairs, optional
        Only photons from the first to before the second time: GALEX seconds, or Times.
    depth : float, optional
        One map for each so many seconds of each leg, instead of one of everything.
    pixel : float
        Side of a pixel, arcsec.
    edge : float
        Detector radius, pixels, beyond which photons are left out.
    calibration : str or Path, optional
        Directory of the legs' calibration, where it is no longer where it was.
    threads : int
        How many read and compute; by default one for each core that the process may use.
    """

    bands: str | Band | Iterable[str | Band] = (Band.NUV, Band.FUV)
    time_ranges: Iterable[tuple[Any, Any]] | None = None
    depth: float | None = None
    pixel: float = 1.5
    edge: float = NARROW_EDGE_PIXELS
    calibration: str | Path | None = None
    threads: int = field(default_factory=usable_cores)
