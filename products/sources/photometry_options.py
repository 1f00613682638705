"""How sources are measured."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.images.make import ImageOptions

logger = logging.getLogger(__name__)

METHODS = ("image", "photon")


@dataclass(frozen=True)
class PhotometryOptions:
    """How to measure.

    Parameters
    ----------
    radii : float or sequence of float
        Of the apertures, arcsec.
    depth : float, optional
        Length of frames, s; by default the whole leg only.
    method : str
        ``image``: pixels, each by the part of it in the circle; ``photon``: the photons in it.
    extended : bool
        Extended photometry too: dispersion, mean q and mean ya.
    extended_sources : bool
        Look for extended sources too, and tag the detected ones.
    pixel : float
        Side of a pixel, arcsec.
    edges : tuple of float
        Detector radii, pixels, of the wide and the narrow edge.
    threads : int
        Threads that read photons.
    """

    radii: float | Sequence[float]
    depth: float | None = None
    method: str = "image"
    extended: bool = False
    extended_sources: bool = False
    pixel: float = 1.5
    edges: tuple[float, float] = (350.0, 370.0)
    threads: int = 2

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ProductError(f"unknown method {self.method!r}: it is {' or '.join(METHODS)}")

    @property
    def image(self) -> ImageOptions:
        """Of the image that sources are detected in."""
        return ImageOptions(self.pixel, self.edges, self.extended, self.threads)

    def usable_radii(self) -> tuple[float, ...]:
        """Return the radii that make sense, rising; the others are logged and left out.

        Raises
        ------
        ProductError
            If none does.
        """
        radii: Any = self.radii
        given = [radii] if np.ndim(radii) == 0 else list(radii)
        usable, problems = [], []
        for radius in given:
            try:
                usable.append(Aperture.of(radius, None).radius)
            except ProductError as error:
                problems.append(str(error))
        if not usable:
            raise ProductError("; ".join(problems) or "there is no radius: give one or more")
        for problem in problems:
            logger.warning("left out: %s", problem)
        return tuple(sorted(set(usable)))
