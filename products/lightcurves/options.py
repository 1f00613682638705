"""How to measure light curves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict

from gphoton_db.errors import ProductError
from gphoton_db.mission import Bands
from gphoton_db.system.cores import usable_cores

TimeRanges = Iterable[Any] | None
"""Pairs of start and end (not included), or one pair, in GALEX seconds or as astropy Times; None:
all times."""

METHODS = ("photon", "image")


class MeasurementChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.lightcurves`: fields of `LightCurveOptions`."""

    radius: Any
    annulus: Sequence[Any] | None
    step: Any
    bands: Bands
    time_ranges: TimeRanges
    mask_sources: bool
    nonlinear: bool
    mask: str | Path


class LightCurveChoices(MeasurementChoices, total=False):
    """Keyword arguments of `Archive.lightcurve`: fields of `LightCurveOptions`."""

    method: Literal["photon", "image"]


@dataclass(frozen=True)
class LightCurveOptions:
    """How to measure light curves, as a user says it.

    Parameters
    ----------
    radius : float or Quantity
        Of the aperture, arcsec.
    annulus : pair of float or Quantity, optional
        Inner and outer radius of the ring that measures the background, arcsec.
    step : float or Quantity, optional
        Length of a bin, s; None: one bin a leg.
    bands : str or Band, or several, optional
        NUV, FUV or both; None is both.
    time_ranges : iterable of pairs, or one pair, optional
        Only photons from the first to before the second time: GALEX seconds, or `Time`.  Each
        range has bins of its own, which start with it, so ranges may touch, and not overlap.
    method : str
        ``photon``: photons in the aperture, by their own positions.  ``image``: sums over pixels
        of a movie, those at the rim in part, as the predecessor's pipeline had them.
    mask_sources : bool
        Leave the surroundings of the archive's detected sources out of the annulus.  Without, the
        numbers are those of ``lightcurve(...)`` in SQL.
    nonlinear : bool
        Correct rates, fluxes and magnitudes of bright sources for the non-linearity of the
        detector, which loses 10 % at 109 (FUV) and 311 (NUV) counts a second (Morrissey et al.
        2007).  The column ``nonlinearity`` says by what; bins that are corrected have the
        warning 256, and those too bright for it the warning 512, and no rate.
    mask : str or Path
        What is a hotspot, for the flags: ``calibration``, as the photons say; ``data``, in
        addition the hot and cold cells that each leg itself shows, for which all of its photons
        are read; or in addition those of a file that `Archive.mask` wrote, of one band.
    threads : int
        Threads that read photons; by default one for each core that the process may use.

    Raises
    ------
    ProductError
        If there is no such method.
    """

    radius: Any = 12.8
    annulus: Sequence[Any] | None = None
    step: Any = 30
    bands: Bands = None
    time_ranges: TimeRanges = None
    method: Literal["photon", "image"] = "photon"
    mask_sources: bool = True
    nonlinear: bool = False
    mask: str | Path = "calibration"
    threads: int = field(default_factory=usable_cores)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ProductError(f"unknown method {self.method!r}: it is 'photon' or 'image'")
