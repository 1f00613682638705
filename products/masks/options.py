"""What makes a detector cell hot or cold."""

import math
from dataclasses import asdict, dataclass
from typing import TypedDict

from gphoton_db.errors import ProductError


class MaskChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.mask`: fields of `MaskOptions`."""

    hot_rate: float
    hot_spread: float
    cold_rate: float
    cold_part: float


@dataclass(frozen=True)
class MaskOptions:
    """What makes a cell hot or cold.

    Parameters
    ----------
    hot_rate : float
        Photons a second of a hot cell, at least.
    hot_spread : float
        Spread of its photons over the sky, at least, relative to that of the pointing.
    cold_rate : float
        Photons a second of a cold cell, at most.
    cold_part : float
        And relative to the mean of its neighbours.

    Raises
    ------
    ProductError
        If one is no number above 0, or the rates are in the wrong order.
    """

    hot_rate: float = 0.85
    hot_spread: float = 0.75
    cold_rate: float = 0.005
    cold_part: float = 0.2

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not (math.isfinite(value) and value > 0):
                raise ProductError(f"{name} = {value!r}: give a number above 0")
        if self.cold_rate >= self.hot_rate:
            raise ProductError(
                f"a cold cell with {self.cold_rate:g}/s would be hot, too, from "
                f"{self.hot_rate:g}/s on: give a lower cold_rate"
            )
