"""Aperture photometry of an archive in plain numpy: the yardstick, not the product."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.archive import Archive

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

APERTURE_ARCSEC = 14.0
"""Radius; holds all but 1e-8 of the light of a star (standard deviation 2.3 arcsec)."""
ANNULUS_ARCSEC = (20.0, 45.0)
"""Radii between which the background is measured."""


@dataclass(frozen=True, eq=False)
class Photons:
    """Unflagged, unmasked photons of an archive by declination: deg, GALEX ms, 1 / response."""

    ra: Floats
    dec: Floats
    t_ms: Integers
    weight: Floats

    @classmethod
    def of(cls, archive: Archive) -> "Photons":
        """Read all that have a weight."""
        table = archive.query(
            "SELECT ra, dec, t_ms, 1 / response AS weight FROM photons "
            "WHERE flags = 0 AND NOT mask AND response > 0 ORDER BY dec"
        ).arrow()
        return cls(*(table[name].to_numpy() for name in ("ra", "dec", "t_ms", "weight")))

    def around(self, ra: float, dec: float) -> tuple[Integers, Floats]:
        """Return the photons near a place, and how far from it each is (arcsec)."""
        reach = ANNULUS_ARCSEC[1] / 3600
        first, last = np.searchsorted(self.dec, [dec - reach, dec + reach])
        half_width = 1.01 * reach / np.cos(np.radians(abs(dec) + reach))
        east = abs((self.ra[first:last] - ra + 180) % 360 - 180)
        rows = first + np.flatnonzero(east < half_width)
        return rows, distance(self.ra[rows], self.dec[rows], ra, dec)


@dataclass(frozen=True, eq=False)
class Brightnesses:
    """What was measured of some stars, corrected for response, all (n,).

    Parameters
    ----------
    counts
        Photons, without background.
    mean_weight
        Of the photons in the aperture.
    background_variance
        What the background adds to the variance of `counts`.
    """

    counts: Floats
    mean_weight: Floats
    background_variance: Floats

    def variance(self, expected: Floats) -> Floats:
        """Return the variance of `counts` where so many photons are to be expected.

        That of the photons found would favour the stars of which too few happened to come.
        """
        return expected * self.mean_weight + self.background_variance


def brightnesses(photons: Photons, ra: Floats, dec: Floats) -> Brightnesses:
    """Measure stars at known places (deg)."""
    measured = [_brightness(photons, *place) for place in zip(ra, dec, strict=True)]
    return Brightnesses(*np.array(measured).T)


def _brightness(photons: Photons, ra: float, dec: float) -> tuple[float, float, float]:
    rows, apart = photons.around(ra, dec)
    weight, (inner, outer) = photons.weight[rows], ANNULUS_ARCSEC
    inside = weight[apart < APERTURE_ARCSEC]
    annulus = weight[(apart >= inner) & (apart < outer)]
    area_ratio = APERTURE_ARCSEC**2 / (outer**2 - inner**2)
    counts = inside.sum() - area_ratio * annulus.sum()
    background_variance = area_ratio * (1 + area_ratio) * (annulus**2).sum()
    return float(counts), float(inside.mean()), float(background_variance)


def distance(ra: Floats, dec: Floats, ra0: Floats | float, dec0: Floats | float) -> Floats:
    """Return angular distances, arcsec, exact however small (haversine)."""
    a, d, a0, d0 = (np.radians(v) for v in (ra, dec, ra0, dec0))
    square = np.sin((d - d0) / 2) ** 2 + np.cos(d) * np.cos(d0) * np.sin((a - a0) / 2) ** 2
    return np.asarray(np.degrees(2 * np.arcsin(np.sqrt(square))) * 3600)
