"""Spacecraft state: ``e#####-..-scst.fits.gz``, one file an eclipse.

Its header holds what was planned and measured (`read_scst_metadata`); its table holds the coarse
attitude of every second, slews included, which serves where no refined aspect is to be had
(`read_scst_legs`).
"""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.asprta import read_eclipse_table
from gphoton_db.aspect.attitude_rows import aspect_of
from gphoton_db.aspect.legs import legs_from_aspect
from gphoton_db.aspect.pointing import Aspect, Boresight, FloatArray, Leg, VisitMetadata
from gphoton_db.aspect.sphere import mean_angle, normalised_angle
from gphoton_db.aspect.tables import FitsTable
from gphoton_db.errors import PointingError
from gphoton_db.times import galex_seconds_of_text

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PlannedLeg:
    """Where a leg was planned to point, deg; legs count from 0, and ``roll0`` may not be known."""

    number: int
    ra0: float
    dec0: float
    roll0: float | None


VOLTAGE_COLUMNS = ("hvnom_nuv", "hvnom_fuv")
"""1 in the seconds when the NUV or FUV detector is at its nominal high voltage."""

FLAG_AT_VOLTAGE = 0
FLAG_NOT_AT_VOLTAGE = 1
"""The aspect flags that we give to coarse attitude; odd = not part of the observation."""

LARGEST_WHOLE = 2**31 - 1
"""Of the header's whole numbers; what is larger is damage, and fits into no column."""

TRANGE_FORMAT = "%y%m%dT%H%M%SZ"
"""Of the header's TRANGE0 and TRANGE1, UTC."""


def galex_time(trange: str) -> float:
    """Return a header's ``yymmddThhmmssZ`` as GALEX seconds.

    Raises
    ------
    ValueError
        If the text is no such time.
    """
    return galex_seconds_of_text(trange.strip(), TRANGE_FORMAT)


def flags_at_voltage(nuv: FloatArray, fuv: FloatArray) -> NDArray[np.float64]:
    """Return aspect flags from the detectors' voltage states: even where either is at voltage."""
    at_voltage = (nuv == 1) | (fuv == 1)
    return np.where(at_voltage, FLAG_AT_VOLTAGE, FLAG_NOT_AT_VOLTAGE).astype(np.float64)


def read_scst_metadata(path: Path, eclipse: int) -> VisitMetadata:
    """Read what the mission planned and measured for an eclipse.

    Parameters
    ----------
    path : Path
        The spacecraft-state file.
    eclipse : int
        The eclipse that it must belong to, by its header or its name.

    Returns
    -------
    VisitMetadata
        None where the header says nothing usable.  ``eclipse_start`` is TRANGE0 and
        ``eclipse_duration`` TRANGE1 - TRANGE0, which include slews.

    Raises
    ------
    PointingError
        If the file cannot be read or belongs to another eclipse.
    """
    table = read_eclipse_table(path, eclipse)
    start, stop = _header_time(table, "TRANGE0"), _header_time(table, "TRANGE1")
    planned_legs = _whole(table, "MPSNPOS")
    return VisitMetadata(
        eclipse=eclipse,
        plan_type=table.text("MPSTYPE"),
        plan_subtype=table.text("MPSPLAN"),
        visit=_whole(table, "VISIT"),
        plan_id=_whole(table, "PLANID"),
        planned_legs=None if planned_legs is None else max(planned_legs, 1),
        eclipse_start=start,
        eclipse_duration=None if start is None or stop is None else stop - start,
        nuv_det_on_time=table.number("NHVNOMN"),
        fuv_det_on_time=table.number("NHVNOMF"),
        nuv_det_temp=table.number("NDTDET"),
        fuv_det_temp=table.number("FDTDET"),
        nuv_tdc_temp=table.number("NDTTDC"),
        fuv_tdc_temp=table.number("FDTTDC"),
    )


def read_planned_legs(path: Path, eclipse: int) -> tuple[PlannedLeg, ...]:
    """Read where the legs of an eclipse were planned to point.

    Returns
    -------
    tuple of PlannedLeg
        From RA_1, DEC_1, ... of the header, or a single one from RA_CENT, DEC_CENT; none where
        it has neither.

    Raises
    ------
    PointingError
        If the file cannot be read or belongs to another eclipse.
    """
    table = read_eclipse_table(path, eclipse)
    positions = _planned_positions(table)
    centre = positions.pop("CENT", None)
    if not positions and centre is not None:
        positions = {"1": centre}
    roll = table.number("ROLL")
    return tuple(PlannedLeg(int(leg) - 1, *place, roll) for leg, place in positions.items())


def read_scst_legs(path: Path, eclipse: int) -> tuple[Leg, ...]:
    """Read the coarse attitude of an eclipse and find its legs.

    Rows where either detector is at voltage are taken as part of the observation.  The boresight
    of a leg is the planned position (header RA_i, DEC_i, or RA_CENT, DEC_CENT) where one is near.

    Raises
    ------
    PointingError
        If the file cannot be read, lacks columns, belongs to another eclipse, or has
        contradictory or impossible rows.
    """
    table = read_eclipse_table(path, eclipse)
    aspect = _coarse_aspect(table)
    return legs_from_aspect(aspect, planned=_planned_boresights(table, aspect))


def read_coarse_aspect(path: Path, eclipse: int) -> Aspect | None:
    """Read the coarse attitude of an eclipse, to compare a refined one with it.

    Returns
    -------
    Aspect or None
        Odd flags where no detector is at voltage; None where it cannot be used.

    Raises
    ------
    PointingError
        If the file cannot be read or belongs to another eclipse.
    """
    table = read_eclipse_table(path, eclipse)
    try:
        return _coarse_aspect(table)
    except PointingError as error:
        log.info("no coarse attitude to compare with: %s", error)
        return None


def _coarse_aspect(table: FitsTable) -> Aspect:
    columns = table.columns(("time", "ra", "dec", "roll", *VOLTAGE_COLUMNS))
    columns["flags"] = flags_at_voltage(*(columns[name] for name in VOLTAGE_COLUMNS))
    return aspect_of(columns, table.path)


def _planned_boresights(table: FitsTable, aspect: Aspect) -> list[Boresight]:
    """Return the header's planned positions, those of single legs (RA_1, DEC_1, ...) first."""
    roll = table.number("ROLL")
    if roll is None:
        roll = mean_angle(aspect.roll)
    return [Boresight(*place, roll) for place in _planned_positions(table).values()]


def _planned_positions(table: FitsTable) -> dict[str, tuple[float, float]]:
    """Return ra, dec (deg) of RA_1, DEC_1, ... and RA_CENT, DEC_CENT by their endings."""
    # No header has more positions than keywords, whatever it says of their number.
    most = min(_whole(table, "MPSNPOS") or 1, len(table.header))
    suffixes = [str(leg) for leg in range(1, most + 1)]
    found = {}
    for suffix in (*suffixes, "CENT"):
        ra, dec = table.number(f"RA_{suffix}"), table.number(f"DEC_{suffix}")
        if ra is not None and dec is not None and abs(dec) <= 90:
            found[suffix] = float(normalised_angle(ra)), dec
    return found


def _whole(table: FitsTable, keyword: str) -> int | None:
    number = table.number(keyword)
    if number is not None and abs(number) > LARGEST_WHOLE:
        log.warning("%s: header %s = %g is too large; ignored", table.path, keyword, number)
        return None
    return None if number is None else round(number)


def _header_time(table: FitsTable, keyword: str) -> float | None:
    text = table.text(keyword)
    if text is None:
        return None
    try:
        return galex_time(text)
    except ValueError:
        log.warning("%s: header %s = %r is no time; ignored", table.path, keyword, text)
        return None
