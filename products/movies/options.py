"""How to make a movie."""

from dataclasses import dataclass, field
from typing import Required, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.images.options import ImageOptions
from gphoton_db.system.cores import usable_cores


class MovieChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.movie`: fields of `MovieOptions`."""

    depth: Required[float]
    start: float | None
    align_to: str | Band | None
    pixel: float
    edges: tuple[float, float]


@dataclass(frozen=True)
class MovieOptions:
    """How to make a movie.

    Parameters
    ----------
    depth : float
        Length of a frame, s: whole milliseconds, at least 0.005.
    start : float, optional
        Start of the first frame, GALEX s; earlier photons are left out.  By default the first
        photon on the detector.
    align_to : str or Band, optional
        Frames begin and end with those of this band's movie of the same depth.  The first frame
        is the one that holds the first photon, so that none is lost.
    pixel : float
        Side of a pixel, arcsec.
    edges : tuple of float
        Detector radii, pixels, of the wide and the narrow edge.
    threads : int
        Threads that read, and later write; by default one for each core that the process may use.

    Raises
    ------
    ProductError
        If frames have a start of their own and are to be aligned to a band.
    GPhotonError
        If `align_to` is no band.
    """

    depth: float
    start: float | None = None
    align_to: str | Band | None = None
    pixel: float = ImageOptions.pixel
    edges: tuple[float, float] = ImageOptions.edges
    threads: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        if self.start is not None and self.other_band is not None:
            raise ProductError(
                "frames either have a start of their own or are aligned to a band: give one"
            )

    @property
    def other_band(self) -> Band | None:
        """The band that frames are aligned to."""
        return None if self.align_to is None else Band.parse(self.align_to)
