"""Whose flares are looked for, and what was found."""

from dataclasses import dataclass
from typing import Any

from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.flares.found import Found

Distance = tuple[float, float]
"""And its error, pc; NaN: not known."""


@dataclass(frozen=True, eq=False)
class Star:
    """Whose light curve is looked at.

    Parameters
    ----------
    name : str
        Empty: it has none.
    ra, dec : float
        deg; NaN: not known.
    distance : (float, float)
        And its error, pc; NaN: not known.
    """

    name: str
    ra: float
    dec: float
    distance: Distance


@dataclass(frozen=True, eq=False)
class Looked:
    """What a light curve of a star had.

    Parameters
    ----------
    star : Star
        Whose it is.
    visits : list of (int, int)
        Eclipses and legs that were looked at.
    rows : list of dict
        Of flares.
    unquiet : list of Found
        Bands of visits in which none can be found, as no quiescence is known.
    """

    star: Star
    visits: list[tuple[int, int]]
    rows: list[dict[str, Any]]
    unquiet: list[Found]


@dataclass(frozen=True, eq=False)
class Stars:
    """A list of stars: positions, names, distances and their errors, pc."""

    targets: Targets
    names: list[str]
    distance: Any
    distance_err: Any

    def __getitem__(self, number: int) -> Star:
        place = float(self.targets.ra[number]), float(self.targets.dec[number])
        distance = float(self.distance[number]), float(self.distance_err[number])
        return Star(self.names[number], *place, distance)
