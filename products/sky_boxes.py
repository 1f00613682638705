"""Where photons near a position are looked for: bounds that choose files and row groups."""

import math
from dataclasses import dataclass

from gphoton_db.mission import CELL_ORDER

MARGIN_DEG = 0.1 / 3600.0
"""Rounded positions lie up to 2 mas outside of their cell."""

_SIDE = 2**CELL_ORDER


@dataclass(frozen=True)
class SkyBox:
    """Bounds of a circle on the sky: deg, and HEALPix cells as photons have them.

    ``ra`` is None where the circle reaches over RA 0 or a pole.
    """

    dec: tuple[float, float]
    ra: tuple[float, float] | None
    cells: tuple[int, int]

    @classmethod
    def around(cls, ra: float, dec: float, radius: float) -> "SkyBox":
        """Return the bounds of a circle about a position, deg; right ascension 0 to 360."""
        low, high = dec - radius - 1e-9, dec + radius + 1e-9
        half = half_width(dec, radius)
        inside = half < 180.0 and ra - half >= 0.0 and ra + half < 360.0
        return cls(
            (low, high),
            (ra - half, ra + half) if inside else None,
            cells_of_circle(ra, dec, radius),
        )

    @property
    def where(self) -> str:
        """The condition on the columns of a photon file."""
        first, last = self.cells
        angles = {"dec": self.dec, "ra": self.ra}
        return " AND ".join(
            [
                f"cell BETWEEN {first} AND {last}",
                *(
                    f"{name} BETWEEN {bounds[0]!r}::DOUBLE AND {bounds[1]!r}::DOUBLE"
                    for name, bounds in angles.items()
                    if bounds is not None
                ),
            ]
        )

    def meets(self, cells: tuple[int, int] | None, dec: tuple[float, float] | None) -> bool:
        """Return whether photons within such bounds may be in the box; None: may be anywhere."""
        return all(
            mine[0] <= other[1] and other[0] <= mine[1]
            for mine, other in ((self.cells, cells), (self.dec, dec))
            if other is not None
        )


def half_width(dec: float, radius: float) -> float:
    """Return how far a circle reaches in right ascension, deg; 360 where it touches a pole."""
    if abs(dec) + radius >= 90.0 - 1e-6:
        return 360.0
    sine = math.sin(math.radians(radius)) / math.cos(math.radians(dec))
    return math.degrees(math.asin(min(sine, 1.0))) + 1e-9


def cells_of_circle(ra: float, dec: float, radius: float) -> tuple[int, int]:
    """Return the first and the last cell of a range that holds a circle, as SQL's cone_cells.

    Along the two diagonals of the cells (Gorski et al. 2005, section 4) bounds in right ascension
    and declination are bounds as well, so that the first cell of their rectangle has the lowest
    number, and the last one the highest.  A circle that reaches over a corner of the twelve large
    cells is given all cells of the sky.
    """
    everywhere = (0, 12 * _SIDE * _SIDE - 1)
    half = half_width(dec, radius + MARGIN_DEG)
    least = math.radians(abs(dec) - radius - MARGIN_DEG)
    most = math.radians(min(abs(dec) + radius + MARGIN_DEG, 90.0))
    # Quarters of a turn; 4 more, so that they are positive.
    west, east = (ra - half) / 90.0 + 4.0, (ra + half) / 90.0 + 4.0
    if math.sin(most) <= 2.0 / 3.0:
        square = _near_equator(west, east, least, most, dec >= 0)
    elif math.sin(least) > 2.0 / 3.0:
        square = _near_pole(west, east, least, most, dec >= 0)
    else:
        square = None
    if square is None:
        return everywhere
    face, x, y = square
    start = face * _SIDE * _SIDE
    return start + _spread(x[0]) + 2 * _spread(y[0]), start + _spread(x[1]) + 2 * _spread(y[1])


Square = tuple[int, tuple[float, float], tuple[float, float]]
"""Number of a large cell, and ranges along its sides, 0 to 1."""


def _near_equator(
    west: float, east: float, least: float, most: float, north: bool
) -> Square | None:
    low, high = (least, most) if north else (-most, -least)
    # p to the north-east, m to the south-east, in sides of a large cell.
    p = 0.5 + west - 0.75 * math.sin(high), 0.5 + east - 0.75 * math.sin(low)
    m = 0.5 + west + 0.75 * math.sin(low), 0.5 + east + 0.75 * math.sin(high)
    if math.floor(p[0]) != math.floor(p[1]) or math.floor(m[0]) != math.floor(m[1]):
        return None
    a, b = math.floor(p[0]), math.floor(m[0])
    face = a % 4 + 4 if a == b else a % 4 if a < b else b % 4 + 8
    return face, (m[0] - b, m[1] - b), (1.0 - (p[1] - a), 1.0 - (p[0] - a))


def _near_pole(west: float, east: float, least: float, most: float, north: bool) -> Square | None:
    if math.floor(west) != math.floor(east):
        return None
    a, b = west % 1.0, east % 1.0
    short, long = (
        math.cos(angle) / math.sqrt((1.0 + math.sin(angle)) / 3.0) for angle in (most, least)
    )
    p = a * short, b * long
    m = (1.0 - b) * short, (1.0 - a) * long
    quarter = math.floor(west) % 4
    if north:
        return quarter, (1.0 - m[1], 1.0 - m[0]), (1.0 - p[1], 1.0 - p[0])
    return quarter + 8, p, m


def _spread(part: float) -> int:
    """Return a place along a side as a number of cells, its bit k moved to bit 2k."""
    number = min(max(math.floor(part * _SIDE), 0), _SIDE - 1)
    return sum((number >> bit & 1) << 2 * bit for bit in range(CELL_ORDER))
