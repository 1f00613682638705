"""How to make a movie."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Required, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.products.quantities import arcsec_of, edges_of, seconds_of, settle
from gphoton_db.system.cores import usable_cores


class MovieChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.movie`: fields of `MovieOptions`."""

    depth: Required[Any]
    start: Any
    align_to: str | Band | None
    pixel: Any
    edges: Any
    mask: str | Path


@dataclass(frozen=True)
class MovieOptions:
    """How to make a movie.

    Parameters
    ----------
    depth : float or Quantity
        Length of a frame, s: whole milliseconds, at least 0.005.
    start : float, Quantity or Time, optional
        Start of the first frame, GALEX s; earlier photons are left out.  By default the first
        photon on the detector.
    align_to : str or Band, optional
        Frames begin and end with those of this band's movie of the same depth.  The first frame
        is the one that holds the first photon, so that none is lost.
    pixel : float or Quantity
        Side of a pixel, arcsec.
    edges : pair of float or Quantity
        Detector radii, pixels (of 6 arcsec), of the wide and the narrow edge.
    mask : str or Path
        What is a hotspot; as of `ImageOptions`.
    threads : int
        Threads that read, and later write; by default one for each core that the process may use.

    Raises
    ------
    ProductError
        If frames have a start of their own and are to be aligned to a band, or a length of time
        or an angle is none.
    GPhotonError
        If `align_to` is no band.
    """

    depth: float
    start: float | None = None
    align_to: str | Band | None = None
    pixel: float = ImageOptions.pixel
    edges: Any = ImageOptions.edges
    mask: str | Path = ImageOptions.mask
    threads: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        settle(
            self,
            depth=seconds_of(self.depth, "depth"),
            start=_start_of(self.start),
            pixel=arcsec_of(self.pixel, "pixel"),
            edges=edges_of(self.edges),
        )
        if self.start is not None and self.other_band is not None:
            raise ProductError(
                "frames either have a start of their own or are aligned to a band: give one"
            )

    @property
    def other_band(self) -> Band | None:
        """The band that frames are aligned to."""
        return None if self.align_to is None else Band.parse(self.align_to)


def _start_of(start: Any) -> float | None:
    if start is None:
        return None
    from gphoton_db.products.sky_places import galex_seconds_of

    return galex_seconds_of(start, "start")
