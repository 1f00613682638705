"""How a catalogue is made."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.quantities import seconds_of, settle
from gphoton_db.system.cores import usable_cores

RADII = (1.5, 2.3, 3.8, 6.0, 9.0, 12.8, 17.3, 30.0)
"""Arcsec: the mission's apertures up to where the next source is."""

REFERENCE_RADIUS = 12.8
"""Arcsec: columns without ``aper_`` are of the largest aperture up to this one."""


class CatalogueChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.catalogue`: fields of `CatalogueOptions`."""

    radii: Any
    depth: Any
    mask: str | Path


@dataclass(frozen=True)
class CatalogueOptions:
    """How to make a catalogue.

    Parameters
    ----------
    radii : sequence of float or Quantity
        Of the apertures, arcsec.
    depth : float or Quantity, optional
        Measure frames of so many seconds, too, into the view ``photometry`` (catalogue
        ``entries``); those of both bands start at the same times.
    mask : str or Path
        What is a hotspot; as of `ImageOptions`.
    threads : int
        Threads that read photons; by default one for each core that the process may use.

    Raises
    ------
    ProductError
        If the depth is no length of time.
    """

    radii: Any = RADII
    depth: float | None = None
    mask: str | Path = ImageOptions.mask
    threads: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        settle(self, depth=None if self.depth is None else seconds_of(self.depth, "depth"))
        if self.depth is not None and not self.depth > 0:
            raise ProductError(f"frames of {self.depth:g} s are not valid: give seconds above 0")

    @property
    def image(self) -> ImageOptions:
        """Of the images that sources are detected in."""
        return ImageOptions(threads=self.threads, mask=self.mask)
