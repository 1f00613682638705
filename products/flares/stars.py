"""Whose flares are looked for, and what was found."""

from dataclasses import dataclass
from typing import Any

from gphoton_db.products.apertures.targets import Targets

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
    """What a light curve of a star had: the visits that were looked at, and rows of flares."""

    star: Star
    visits: list[tuple[int, int]]
    rows: list[dict[str, Any]]


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
