"""Options of a search for visits."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.mission import Bands
from gphoton_db.products.quantities import seconds_of, settle


class SearchChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.search`: fields of `SearchOptions`."""

    radius: Any
    box: Sequence[Any] | None
    bands: Bands
    plan_types: str | Iterable[str] | None
    since: Any
    until: Any
    min_exposure: Any
    eclipses: tuple[int, int] | None
    ingested: bool | None


@dataclass(frozen=True)
class SearchOptions:
    """What visits must fulfil, as a user says it; None = anything.

    Parameters
    ----------
    radius : float or Quantity
        Arcsec: the field need not hold the position, but reach so near.
    box : sequence of float or Quantity, optional
        ``ra_min, ra_max, dec_min, dec_max``, deg, into which the field must reach;
        ``ra_min > ra_max`` across RA 0.
    bands : str or Band, or several, optional
        NUV, FUV or both; None is both.
    plan_types : str or iterable of str, optional
        Surveys: AIS, MIS, DIS, NGS, GII, CAI, ...
    since, until : str, datetime or Time, optional
        Start of the leg, UTC, in ISO 8601; `until` is not included.
    min_exposure : float or Quantity, optional
        Seconds: exposure of the leg, or where it is not ingested, time of the eclipse at the
        band's nominal high voltage.
    eclipses : pair of int, optional
        Smallest and largest number.
    ingested : bool, optional
        Only those that are, or are not, in the archive.

    Raises
    ------
    ProductError
        If the exposure is none, or the first eclipse is larger than the last.
    """

    radius: Any = 0
    box: Sequence[Any] | None = None
    bands: Bands = None
    plan_types: str | Iterable[str] | None = None
    since: Any = None
    until: Any = None
    min_exposure: float | None = None
    eclipses: tuple[int, int] | None = None
    ingested: bool | None = None

    def __post_init__(self) -> None:
        if self.min_exposure is not None:
            settle(self, min_exposure=seconds_of(self.min_exposure, "min_exposure"))
        if self.min_exposure is not None and not 0 <= self.min_exposure < math.inf:
            raise ProductError(
                f"an exposure of {self.min_exposure:g} s is not valid: give 0 s or more"
            )
        if self.eclipses and self.eclipses[0] > self.eclipses[1]:
            raise ProductError(
                "no eclipse lies from {} to {}: give them in order".format(*self.eclipses)
            )
