"""How to export a table to HATS, as a user says it."""

from dataclasses import dataclass, field
from typing import TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.mission import Bands
from gphoton_db.system.cores import usable_cores

TABLE_NAMES = ("photons", "sources", "catalogue", "lightcurves")
"""What can be exported."""


@dataclass(frozen=True, kw_only=True)
class HatsOptions:
    """How to export a table to HATS.

    Parameters
    ----------
    bands : str or Band, or several, optional
        NUV, FUV or both; None is both.
    most_rows : int
        Of a partition, as far as the smallest ones (1.7 arcmin) allow it.
    again : bool
        Divide the sky anew, and write also what an earlier export wrote.
    threads : int
        Legs that are written at a time; by default one for each core that the process may use.

    Raises
    ------
    ProductError
        If a number is less than one.
    """

    bands: Bands = None
    most_rows: int = 1_000_000
    again: bool = False
    threads: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        for name in ("most_rows", "threads"):
            if getattr(self, name) < 1:
                raise ProductError(f"{name} is {getattr(self, name)}: give 1 or more")


class HatsChoices(TypedDict, total=False):
    """Fields of `HatsOptions`, as keyword arguments."""

    bands: Bands
    most_rows: int
    again: bool
    threads: int
