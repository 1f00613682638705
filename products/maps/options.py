"""How to make maps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from gphoton_db.mission import NARROW_EDGE_PIXELS, Band
from gphoton_db.products.quantities import arcsec_of, detector_pixels_of, seconds_of, settle
from gphoton_db.system.cores import usable_cores


class CutoutChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.cutout`: fields of `MapOptions`."""

    pixel: Any
    edge: Any
    calibration: str | Path | None


class MapChoices(CutoutChoices, total=False):
    """Keyword arguments of `Archive.map`: fields of `MapOptions`."""

    bands: str | Band | Iterable[str | Band]
    time_ranges: Iterable[Any] | None
    depth: Any


@dataclass(frozen=True)
class MapOptions:
    """How to make maps, as a user says it.

    Parameters
    ----------
    bands : str or Band, or several
        Which bands.
    time_ranges : iterable of pairs, or one pair, optional
        Only photons from the first to before the second time: GALEX seconds, or Times.  With a
        depth each range is divided by itself; they may touch then, and not overlap.
    depth : float or Quantity, optional
        One map for each so many seconds of each leg, instead of one of everything.
    pixel : float or Quantity
        Side of a pixel, arcsec.
    edge : float or Quantity
        Detector radius, pixels (of 6 arcsec), beyond which photons are left out.
    calibration : str or Path, optional
        Directory of the legs' calibration, where it is no longer where it was.
    threads : int
        How many read and compute; by default one for each core that the process may use.

    Raises
    ------
    ProductError
        If a length of time or an angle is none.
    """

    bands: str | Band | Iterable[str | Band] = (Band.NUV, Band.FUV)
    time_ranges: Iterable[Any] | None = None
    depth: float | None = None
    pixel: float = 1.5
    edge: float = NARROW_EDGE_PIXELS
    calibration: str | Path | None = None
    threads: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        settle(
            self,
            depth=None if self.depth is None else seconds_of(self.depth, "depth"),
            pixel=arcsec_of(self.pixel, "pixel"),
            edge=detector_pixels_of(self.edge, "edge"),
        )
