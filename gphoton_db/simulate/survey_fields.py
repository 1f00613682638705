"""Where the surveys of a simulated mission point, and where the Sun is in the meantime."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

AIS_LEGS = 12
"""Pointings of an eclipse of the all-sky survey."""

AIS_STEP_DEG = 1.0
"""From one pointing of the all-sky survey to the next: fields of 1.25 deg overlap."""

AIS_LEAST_LATITUDE_DEG = 10.0
"""The all-sky survey keeps this far from the galactic plane."""

FIELD_LEAST_LATITUDE_DEG = 20.0
"""And single fields this far."""

GALACTIC_POLE_DEG = (192.85948, 27.12825)
"""Ra and dec of the north pole of the Galaxy."""

J2000_GALEX_DAYS = 7300.5
"""From the zero of GALEX time to noon of 2000-01-01."""

OBLIQUITY_DEG = 23.439


@dataclass(frozen=True, eq=False)
class SurveyFields:
    """The targets of a survey.

    Parameters
    ----------
    boresights : tuple of (n, 2) float64
        Ra and dec (deg) of each leg of each target.
    directions : (targets, 3) float64
        Unit vector to the middle of each.
    """

    boresights: tuple[Floats, ...]
    directions: Floats

    @classmethod
    def of(cls, boresights: list[Floats]) -> "SurveyFields":
        """Return the targets with these boresights."""
        middles = np.array([unit_vectors(each).sum(axis=0) for each in boresights])
        return cls(tuple(boresights), middles / np.linalg.norm(middles, axis=1)[:, None])

    def __len__(self) -> int:
        return len(self.boresights)


def all_sky_strips() -> SurveyFields:
    """Return the all-sky survey: rows of 12 fields side by side, without the galactic plane.

    The last strip before the plane goes back over its neighbour, to have as many fields; only
    close to the poles and to the plane some have less.
    """
    strips = []
    for dec in np.arange(-90 + AIS_STEP_DEG / 2, 90, AIS_STEP_DEG):
        n = max(int(np.ceil(360 * np.cos(np.radians(dec)) / AIS_STEP_DEG)), 1)
        row = np.stack([np.arange(n) * 360 / n, np.full(n, dec)], axis=1)
        high = np.abs(galactic_latitude(row)) >= AIS_LEAST_LATITUDE_DEG
        cuts = np.flatnonzero(np.diff(high)) + 1
        for start, run in zip([0, *cuts], np.split(row, cuts), strict=True):
            if high[start]:
                strips += _strips(run)
    return SurveyFields.of(strips)


def single_fields(number: int, rng: np.random.Generator) -> SurveyFields:
    """Return targets of one leg at random places away from the galactic plane."""
    found: list[Floats] = []
    while len(found) < number:
        z, ra = rng.uniform(-1, 1, 4 * number), rng.uniform(0, 360, 4 * number)
        places = np.stack([ra, np.degrees(np.arcsin(z))], axis=1)
        far = np.abs(galactic_latitude(places)) >= FIELD_LEAST_LATITUDE_DEG
        found += list(places[far][:, None, :])
    return SurveyFields.of(found[:number])


def _strips(run: Floats) -> list[Floats]:
    """Cut a run of fields side by side into strips."""
    if len(run) <= AIS_LEGS:
        return [run]
    starts = [*range(0, len(run) - AIS_LEGS, AIS_LEGS), len(run) - AIS_LEGS]
    return [run[start : start + AIS_LEGS] for start in starts]


def unit_vectors(places: Floats) -> Floats:
    """Return the unit vectors (n, 3) of ra and dec in deg (n, 2)."""
    ra, dec = np.radians(places).T
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=1)


def galactic_latitude(places: Floats) -> Floats:
    """Return the galactic latitude (deg) of ra and dec in deg (n, 2)."""
    (pole,) = unit_vectors(np.array([GALACTIC_POLE_DEG]))
    return np.asarray(np.degrees(np.arcsin(np.clip(unit_vectors(places) @ pole, -1, 1))))


def away_from_sun(time_ms: int) -> Floats:
    """Return the unit vector opposite to the Sun at a GALEX time: where an eclipse looks.

    The Sun's place is that of the Astronomical Almanac's low-precision formula (0.01 deg).
    """
    day = time_ms / 86_400_000 - J2000_GALEX_DAYS
    anomaly = np.radians(357.528 + 0.9856003 * day)
    degrees = 280.460 + 0.9856474 * day + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)
    longitude, tilt = np.radians(degrees), np.radians(OBLIQUITY_DEG)
    east = np.sin(longitude)
    return -np.array([np.cos(longitude), np.cos(tilt) * east, np.sin(tilt) * east])
