"""What is measured around a position: an aperture, and an annulus for the background."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.mission import APERTURE_CORRECTION, CORRECTION_RADII, Band
from gphoton_db.products.kernels.aperture_photons import Reach
from gphoton_db.products.quantities import arcsec_of
from gphoton_db.query.constants import LARGEST_APERTURE_ARCSEC


@dataclass(frozen=True)
class Aperture:
    """A circle, and a ring around it or none; arcsec.

    Raises
    ------
    ProductError
        If the radius is not above 0 and up to 3600, or the annulus is none, or begins within the
        aperture.
    """

    radius: float
    annulus: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.radius <= LARGEST_APERTURE_ARCSEC:
            raise ProductError(
                f"an aperture of radius {self.radius:g} arcsec is empty or larger than the field "
                f"of view: give a radius above 0 and up to {LARGEST_APERTURE_ARCSEC:g} arcsec"
            )
        if self.annulus is None:
            return
        inner, outer = self.annulus
        if not 0 <= inner < outer <= LARGEST_APERTURE_ARCSEC:
            raise ProductError(
                f"an annulus from {inner:g} to {outer:g} arcsec is empty or too large: give its "
                f"inner and outer radius, 0 <= inner < outer <= {LARGEST_APERTURE_ARCSEC:g}"
            )
        if inner < self.radius:
            raise ProductError(
                f"the annulus from {inner:g} to {outer:g} arcsec begins inside of the aperture of "
                f"{self.radius:g} arcsec, so the source would be its own background: give an "
                f"inner radius of {self.radius:g} or more"
            )

    @classmethod
    def of(cls, radius: Any, annulus: Sequence[Any] | None) -> "Aperture":
        """Return the aperture that a user gave in arcsec or as quantities."""
        if annulus is None:
            return cls(arcsec_of(radius, "radius"))
        radii = list(annulus)
        if len(radii) != 2:
            raise ProductError(f"annulus = {annulus!r}: give its inner and outer radius, in arcsec")
        return cls(
            arcsec_of(radius, "radius"),
            (arcsec_of(radii[0], "annulus"), arcsec_of(radii[1], "annulus")),
        )

    @property
    def largest_arcsec(self) -> float:
        """How far from the position anything counts."""
        return max(self.radius, self.annulus[1]) if self.annulus else self.radius

    def reach(self) -> Reach:
        """Return the radii as kernels compare them."""
        inner, outer = self.annulus or (-1.0, -1.0)
        return Reach(
            haversine_of(self.radius),
            haversine_of(inner) if self.annulus else 2.0,
            haversine_of(outer) if self.annulus else -1.0,
        )

    def correction(self, band: Band) -> float:
        """Return what the aperture misses of a point source, mag; NaN where it is not known."""
        known = APERTURE_CORRECTION[band]
        return float(np.interp(self.radius, CORRECTION_RADII, known, left=np.nan, right=np.nan))


def haversine_of(arcsec: float) -> float:
    """Return the square of the sine of half an angle."""
    return float(np.sin(np.radians(arcsec / 3600.0) / 2) ** 2)


def free_part(aperture: Aperture, offsets: NDArray[np.float64], mask_arcsec: float) -> float:
    """Return the part of the annulus that lies outside of circles about known sources.

    Parameters
    ----------
    aperture : Aperture
        With an annulus.
    offsets : (n, 2) float64
        Known sources, arcsec to the east and north of the position.
    mask_arcsec : float
        Radius of the circles.
    """
    if aperture.annulus is None or not len(offsets):
        return 1.0
    free = ~(np.hypot(*(_points(aperture.annulus)[:, None] - offsets[None]).T) <= mask_arcsec).any(
        axis=0
    )
    return float(free.mean())


def _points(annulus: tuple[float, float], n: int = 4000) -> NDArray[np.float64]:
    """Return points that are spread evenly over an annulus (a sunflower's spiral)."""
    inner, outer = annulus
    k = np.arange(n) + 0.5
    radius = np.sqrt(inner**2 + (outer**2 - inner**2) * k / n)
    angle = np.pi * (3.0 - np.sqrt(5.0)) * k
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
