"""How a sheet of candidates is made."""

from dataclasses import dataclass, field
from typing import Any, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.system.cores import usable_cores

MOST_CANDIDATES = 2000
"""A sheet with more is no longer a file that a browser opens at once."""


class QaChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.qa`: fields of `QaOptions`."""

    title: str
    radius: Any
    step: Any
    neighbours: int
    frames: int
    size: float


@dataclass(frozen=True)
class QaOptions:
    """How a sheet of candidates is made, as a user says it.

    Parameters
    ----------
    title : str
        Of the sheet; verdicts name it.
    radius : float or Quantity
        Of the apertures, arcsec.
    step : float or Quantity
        Length of the bins of light curves, s.
    neighbours : int
        How many of the nearest sources have their light curves shown.
    frames : int
        Of the movie of each candidate.
    size : float
        Side of the thumbnails, arcsec.
    threads : int
        Threads that read photons; by default one for each core that the process may use.

    Raises
    ------
    ProductError
        If a number is out of its range.
    """

    title: str = "candidates"
    radius: Any = 12.8
    step: Any = 30
    neighbours: int = 3
    frames: int = 12
    size: float = 66.0
    threads: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        limits = {"neighbours": (0, 10), "frames": (1, 60), "size": (15, 600)}
        for name, (low, high) in limits.items():
            if not low <= getattr(self, name) <= high:
                raise ProductError(f"{name} = {getattr(self, name)!r}: give {low} to {high}")
