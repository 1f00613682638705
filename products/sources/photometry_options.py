"""How sources are measured."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.quantities import arcsec_of, edges_of, seconds_of, settle
from gphoton_db.system.cores import usable_cores

METHODS = ("image", "photon")


class PhotometryChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.photometry`: fields of `PhotometryOptions`."""

    radii: Any
    catalog: Any
    depth: Any
    method: str
    extended: bool
    extended_sources: bool
    mask: str | Path


@dataclass(frozen=True)
class PhotometryOptions:
    """How to measure.

    Parameters
    ----------
    radii : float or Quantity, or several of them
        Of the apertures, arcsec.
    catalog : path or table, optional
        Positions to measure, with columns ``ra`` and ``dec`` (deg); by default the sources that
        are detected in the leg's image.
    depth : float or Quantity, optional
        Measure frames of so many seconds, too; by default the whole leg only.
    method : str
        ``image``: pixels of the leg's image, each by the part of it in the aperture, as the
        predecessor measures; ``photon``: the unflagged photons in the aperture themselves.
    extended : bool
        Dispersion on the detector, mean q and mean ya, too.
    extended_sources : bool
        Outline extended sources and tag the detected ones that lie in them.
    pixel : float or Quantity
        Side of a pixel, arcsec.
    edges : pair of float or Quantity
        Detector radii, pixels (of 6 arcsec), of the wide and the narrow edge.
    mask : str or Path
        What is a hotspot; as of `ImageOptions`.
    threads : int
        Threads that read photons; by default one for each core that the process may use.

    Raises
    ------
    ProductError
        If there is no such method, or a length of time or an angle is none.
    """

    radii: Any = (6.0, 12.8)
    catalog: Any = None
    depth: float | None = None
    method: str = "image"
    extended: bool = False
    extended_sources: bool = False
    pixel: float = ImageOptions.pixel
    edges: Any = ImageOptions.edges
    mask: str | Path = ImageOptions.mask
    threads: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        settle(
            self,
            depth=None if self.depth is None else seconds_of(self.depth, "depth"),
            pixel=arcsec_of(self.pixel, "pixel"),
            edges=edges_of(self.edges),
        )
        if self.method not in METHODS:
            raise ProductError(f"unknown method {self.method!r}: it is {' or '.join(METHODS)}")

    @property
    def image(self) -> ImageOptions:
        """Of the image that sources are detected in."""
        return ImageOptions(self.pixel, self.edges, self.extended, self.threads, self.mask)
