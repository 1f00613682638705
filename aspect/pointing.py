"""Value objects of the telescope's pointing, shared by all readers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import PointingError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Aspect:
    """Attitude samples in time order, normally one a second.

    Parameters
    ----------
    time_ms : (n,) int64
        GALEX time, milliseconds; strictly increasing.
    ra, dec : (n,) float64
        Boresight, deg; ra in [0, 360).
    roll : (n,) float64
        Roll angle, deg.
    flags : (n,) int64
        Mission status; odd = not part of the observation.

    Raises
    ------
    PointingError
        If the columns differ in length, hold non-finite or impossible values, or the times do
        not increase.
    """

    time_ms: IntArray
    ra: FloatArray
    dec: FloatArray
    roll: FloatArray
    flags: IntArray

    def __post_init__(self) -> None:
        lengths = {len(c) for c in (self.time_ms, self.ra, self.dec, self.roll, self.flags)}
        if len(lengths) != 1:
            raise PointingError(f"aspect columns differ in length: {sorted(lengths)}")
        backwards = np.flatnonzero(np.diff(self.time_ms) <= 0)
        if backwards.size:
            row = int(backwards[0]) + 1
            raise PointingError(
                f"aspect times do not increase at row {row} (t = {self.time_ms[row] / 1000:.3f})"
            )
        for name, column in (("ra", self.ra), ("dec", self.dec), ("roll", self.roll)):
            if not np.isfinite(column).all():
                row = int(np.flatnonzero(~np.isfinite(column))[0])
                raise PointingError(f"aspect {name} is not finite at row {row}")
        if len(self.dec) and np.abs(self.dec).max() > 90:
            raise PointingError("aspect dec lies outside -90..90 deg")

    def __len__(self) -> int:
        return len(self.time_ms)

    def between(self, start_ms: int, stop_ms: int) -> "Aspect":
        """Return the rows with ``start_ms <= time_ms < stop_ms``."""
        lo, hi = np.searchsorted(self.time_ms, [start_ms, stop_ms])
        part = slice(int(lo), int(hi))
        return Aspect(
            self.time_ms[part], self.ra[part], self.dec[part], self.roll[part], self.flags[part]
        )


@dataclass(frozen=True)
class Boresight:
    """The nominal pointing of a leg, deg; offsets of the aspect are taken about it."""

    ra0: float
    dec0: float
    roll0: float


@dataclass(frozen=True, eq=False)
class Leg:
    """One nominal pointing of an eclipse; legs count from 0."""

    number: int
    boresight: Boresight
    aspect: Aspect


@dataclass(frozen=True)
class VisitMetadata:
    """What the mission planned and measured for an eclipse; None = not known.

    Temperatures are in deg C, times at voltage in seconds, ``eclipse_start`` in GALEX seconds.
    """

    eclipse: int
    plan_type: str | None = None
    plan_subtype: str | None = None
    visit: int | None = None
    plan_id: int | None = None
    planned_legs: int | None = None
    eclipse_start: float | None = None
    eclipse_duration: float | None = None
    nuv_det_on_time: float | None = None
    fuv_det_on_time: float | None = None
    nuv_det_temp: float | None = None
    fuv_det_temp: float | None = None
    nuv_tdc_temp: float | None = None
    fuv_tdc_temp: float | None = None


@dataclass(frozen=True, eq=False)
class Pointing:
    """Everything about the pointing of one eclipse.

    ``source`` names the form that the attitude came from: ``asprta``, ``consolidated`` or
    ``scst`` (coarse).  ``warnings`` says what is odd about it, and may be right.
    """

    eclipse: int
    legs: tuple[Leg, ...]
    metadata: VisitMetadata
    source: str
    files: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
