"""A field of stars at random places, with magnitudes that follow a number-counts law."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from gphoton_db.mission import DETECTOR_RADIUS_DEG
from gphoton_db.simulate.projection import plane_to_sky
from gphoton_db.simulate.scene import BandMagnitudes, Source
from gphoton_db.simulate.validated import STRICT, Declination, RightAscension

Floats = NDArray[np.float64]

MagnitudeRange = tuple[float, float]
"""Brightest and faintest AB magnitude."""


@dataclass(frozen=True, config=STRICT)
class MagnitudeRanges:
    """AB magnitudes, brightest and faintest, in each band; None: dark in that band."""

    nuv: MagnitudeRange | None = None
    fuv: MagnitudeRange | None = None

    @model_validator(mode="after")
    def _check(self) -> "MagnitudeRanges":
        given = [each for each in (self.nuv, self.fuv) if each is not None]
        if not given:
            raise ValueError("needs nuv, fuv or both")
        for bright, faint in given:
            if bright > faint:
                raise ValueError(f"the brighter magnitude comes first, not [{bright}, {faint}]")
        return self


@dataclass(frozen=True, config=STRICT)
class StarField:
    """Stars that fill a circle evenly, as many a magnitude as 10^(slope * magnitude).

    Parameters
    ----------
    number : int
        How many.
    magnitude : MagnitudeRanges
        From the brightest to the faintest.  A star as bright among the others in one band is as
        bright among them in the other.
    slope : float
        Of the logarithm of the number counts, per magnitude; 0: as many at each magnitude.
    radius : float
        Of the circle, deg.
    leg : int, optional
        About the boresight of this leg, from 0; the first by default.
    ra, dec : float, optional
        Centre of the circle instead, deg.
    seed : int
        Of places and magnitudes.
    """

    number: Annotated[int, Field(ge=1, le=1_000_000)]
    magnitude: MagnitudeRanges
    slope: Annotated[float, Field(ge=0, le=2)] = 0.3
    radius: Annotated[float, Field(gt=0, le=10)] = 0.6
    leg: Annotated[int, Field(ge=0)] | None = None
    ra: RightAscension | None = None
    dec: Declination | None = None
    seed: Annotated[int, Field(ge=0)] = 1

    @model_validator(mode="after")
    def _check(self) -> "StarField":
        if (self.ra is None) != (self.dec is None):
            raise ValueError("needs both ra and dec, or neither")
        if self.ra is not None and self.leg is not None:
            raise ValueError("needs either leg or ra and dec")
        return self


def draw_stars(field: StarField, ra0: float, dec0: float) -> tuple[Source, ...]:
    """Return the stars of a field about a centre (deg); the same ones every time."""
    rng = np.random.default_rng(field.seed)
    # Even on the sphere: the area within an angle goes as sin^2 of half of it.
    half = np.sqrt(rng.random(field.number)) * np.sin(np.radians(field.radius) / 2)
    distance = 3600 * np.degrees(np.tan(2 * np.arcsin(half)))
    angle = 2 * np.pi * rng.random(field.number)
    ra, dec = plane_to_sky(distance * np.cos(angle), distance * np.sin(angle), ra0, dec0, 0.0)
    rank = rng.random(field.number)
    nuv = _magnitudes(field.magnitude.nuv, field.slope, rank)
    fuv = _magnitudes(field.magnitude.fuv, field.slope, rank)
    return tuple(
        Source(float(a), float(d), magnitude=BandMagnitudes(n, f))
        for a, d, n, f in zip(ra, dec, nuv, fuv, strict=True)
    )


def _magnitudes(
    limits: MagnitudeRange | None, slope: float, rank: Floats
) -> list[float] | list[None]:
    """Return the magnitudes that this share of all stars are brighter than."""
    if limits is None:
        return [None] * len(rank)
    bright, faint = limits
    if slope == 0:
        return list((bright + rank * (faint - bright)).tolist())
    fainter = 10 ** (slope * (faint - bright)) - 1
    return list((bright + np.log10(1 + rank * fainter) / slope).tolist())


def seen_by_any(
    stars: Sequence[Source], boresights: Sequence[tuple[float, float]]
) -> tuple[Source, ...]:
    """Return the stars within the field of at least one leg; boresights are ra, dec in deg."""
    cosines = _directions([(star.ra, star.dec) for star in stars]) @ _directions(boresights).T
    seen = (cosines > np.cos(np.radians(DETECTOR_RADIUS_DEG))).any(axis=1)
    return tuple(star for star, any_leg in zip(stars, seen, strict=True) if any_leg)


def _directions(places: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Return unit vectors (n, 3) of ra, dec in deg."""
    ra, dec = np.radians(np.array(places)).T
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=1)
