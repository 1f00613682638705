"""How to make an image."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.mission import NARROW_EDGE_PIXELS, WIDE_EDGE_PIXELS
from gphoton_db.products.quantities import arcsec_of, edges_of, settle
from gphoton_db.system.cores import usable_cores


class ImageChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.image`: fields of `ImageOptions`."""

    pixel: Any
    edges: Any
    extended: bool
    mask: str | Path


@dataclass(frozen=True)
class ImageOptions:
    """How to make an image.

    Parameters
    ----------
    pixel : float or Quantity
        Side of a pixel, arcsec.
    edges : pair of float or Quantity
        Detector radii, pixels (of 6 arcsec), of the wide and the narrow edge, for the flags and
        the coverage.
    extended : bool
        Make the extended set too: mean and standard deviation of the photons' column and row on
        the detector, mean ya and mean q, for each pixel.
    threads : int
        Threads that read photons; by default one for each core that the process may use.
    mask : str or Path
        What is a hotspot: ``calibration``, as the photons say; ``data``, in addition the hot and
        cold cells that the leg itself shows; or in addition those of a file that `Archive.mask`
        wrote.

    Raises
    ------
    ProductError
        If the edges are no two radii, the smaller one first.
    """

    pixel: float = 1.5
    edges: Any = (WIDE_EDGE_PIXELS, NARROW_EDGE_PIXELS)
    extended: bool = False
    threads: int = field(default_factory=usable_cores)
    mask: str | Path = "calibration"

    def __post_init__(self) -> None:
        settle(self, pixel=arcsec_of(self.pixel, "pixel"), edges=edges_of(self.edges))
        wide, narrow = self.edges
        if not (math.isfinite(wide) and math.isfinite(narrow) and 0 < wide <= narrow):
            raise ProductError(
                f"edges of {wide:g} and {narrow:g} pixels are not valid: give two detector radii, "
                "the smaller one first"
            )
