"""How to make a HiPS, as a user says it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.mission import NARROW_EDGE_PIXELS
from gphoton_db.products.quantities import detector_pixels_of, settle
from gphoton_db.system.cores import usable_cores

LOWEST_ORDER, HIGHEST_ORDER = 3, 11
"""Of the finest tiles: HiPS has an overview of order 3; pixels of order 11 are 0.2 arcsec."""


@dataclass(frozen=True)
class HipsOptions:
    """How to make a HiPS.

    Parameters
    ----------
    order : int
        Of the finest tiles, 3 to 11: the pixels of order 8 are 1.6 arcsec, and each order more
        halves them.
    plane : str
        ``intensity`` (photons a second and square arcsec), ``count`` (photons, weighted with 1 /
        response) or ``exposure`` (s).
    time_ranges : iterable of pairs, or one pair, optional
        Only photons from the first to before the second time: GALEX seconds, or Times.
    edge : float or Quantity
        Detector radius, pixels (of 6 arcsec), beyond which photons are left out.
    calibration : str or Path, optional
        Directory of the legs' calibration, where it is no longer where it was.
    threads : int
        How many read and compute; by default one for each core that the process may use.

    Raises
    ------
    ProductError
        If an option is not valid.
    """

    order: int = 8
    plane: str = "intensity"
    time_ranges: Iterable[Any] | None = None
    edge: float = NARROW_EDGE_PIXELS
    calibration: str | Path | None = None
    threads: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        settle(self, edge=detector_pixels_of(self.edge, "edge"))
        if not LOWEST_ORDER <= self.order <= HIGHEST_ORDER:
            raise ProductError(
                f"a HiPS of order {self.order} is not valid: the order is {LOWEST_ORDER} to "
                f"{HIGHEST_ORDER} (8: pixels of 1.6 arcsec)"
            )
        if self.threads < 1:
            raise ProductError(f"threads is {self.threads}: give 1 or more")


class HipsChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.hips`: fields of `HipsOptions`."""

    order: int
    plane: str
    time_ranges: Iterable[Any] | None
    edge: Any
    calibration: str | Path | None
