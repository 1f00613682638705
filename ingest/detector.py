"""The calibration of an eclipse, prepared for the detector kernel.

See docs/specification.md, 'Detector corrections' (spec-detector).
"""

import logging

import numpy as np
from numpy.typing import NDArray

from gphoton_db.calibration import CalibrationSet
from gphoton_db.errors import ReductionError
from gphoton_db.ingest.kernels.detector import CubePlacement, DetectorTables
from gphoton_db.ingest.post_csp import StimSolution
from gphoton_db.ingest.stims import SeparationLine
from gphoton_db.mission import Band

logger = logging.getLogger(__name__)

FUV_OFFSET_PER_DEG = 0.3597
"""Shift of FUV y with the TDC temperature, arcsec per deg C, about 29 deg C."""

FUV_TDC_RANGE = (20.0, 40.0)
"""TDC temperatures (deg C) between which the FUV detector was working."""

VARIANT_LIMITS = ((5136.3, "a"), (5137.25, "b"))
"""Post-CSP NUV distortion cubes: raw stim separation (arcsec) below which each holds; else c."""


def detector_tables(
    calibration: CalibrationSet,
    eclipse: int,
    line: SeparationLine,
    solution: StimSolution | None,
    fuv_tdc_temp: float | None,
) -> DetectorTables:
    """Return the kernel's tables for one band of one eclipse.

    Parameters
    ----------
    calibration : CalibrationSet
        Of the band and epoch.
    eclipse : int
        Eclipse number.
    line : SeparationLine
        Stim separation against time.
    solution : StimSolution or None
        What the stims say after CSP; chooses among the NUV cubes.
    fuv_tdc_temp : float or None
        TDC temperature of the FUV detector, deg C.

    Raises
    ------
    ReductionError
        For FUV, if the temperature is unknown or out of range, or there is no offset for the
        eclipse.
    """
    cube = calibration.cubes[_variant(calibration, solution)]
    xoffset, yoffset = (
        _fuv_offset(calibration, eclipse, fuv_tdc_temp)
        if calibration.band is Band.FUV
        else (0.0, 0.0)
    )
    return DetectorTables(
        calibration.wiggle_x,
        calibration.wiggle_y,
        calibration.walk,
        calibration.linearity,
        cube.shifts,
        CubePlacement(
            cube.x0,
            cube.dx,
            cube.y0,
            cube.dy,
            cube.depth0,
            cube.ddepth,
            line.time,
            line.separation,
            line.slope,
            xoffset,
            yoffset,
        ),
        1.0 if calibration.band is Band.NUV else -1.0,
    )


def layers_at(tables: DetectorTables, t_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the layers of the distortion cube at GALEX times (ms), as the kernel finds them.

    Each operation rises or falls with the time, rounding included, and so do the layers.
    """
    cube, n_layers = tables.cube, tables.distortion_shifts.shape[0]
    separation = cube.separation + cube.slope * (t_ms / 1000.0 - cube.time)
    layers = ((separation - cube.depth0) / cube.ddepth).astype(np.int64)
    return np.clip(layers, 0, n_layers - 1)


def check_separation(
    tables: DetectorTables,
    line: SeparationLine,
    eclipse: int,
    times_s: tuple[float, float],
    *,
    clamp: bool,
) -> bool:
    """Return whether the stim separation leaves the distortion cube between two times.

    Parameters
    ----------
    tables, line
        The cube in use, and the separation against time.
    eclipse : int
        For the message.
    times_s : pair of float
        First and last photon, GALEX seconds.
    clamp : bool
        Accept a separation outside: the cube's nearest layer is then used.

    Raises
    ------
    ReductionError
        If it does leave the cube, and `clamp` is not set.
    """
    cube = tables.cube
    n_layers = tables.distortion_shifts.shape[0]
    separations = [line.at(t) for t in times_s]
    outside = [s for s in separations if not 0.0 <= (s - cube.depth0) / cube.ddepth < n_layers]
    if not outside:
        return False
    message = (
        f"eclipse {eclipse}: the stim separation, {outside[0]:.2f} arcsec, lies outside the "
        f"distortion cube, {cube.depth0:.2f} to {cube.depth0 + n_layers * cube.ddepth:.2f} arcsec "
        "(bad distortion solution)"
    )
    if not clamp:
        raise ReductionError(f"{message}; --clamp-separation takes the nearest layer instead")
    logger.warning("%s; the nearest layer is used", message)
    return True


def _variant(calibration: CalibrationSet, solution: StimSolution | None) -> str:
    if solution is None or calibration.band is Band.FUV:
        return ""
    for limit, variant in VARIANT_LIMITS:
        if solution.separation < limit:
            return variant
    return "c"


def _fuv_offset(
    calibration: CalibrationSet, eclipse: int, tdc_temp: float | None
) -> tuple[float, float]:
    if tdc_temp is None:
        raise ReductionError(
            f"eclipse {eclipse}: the FUV detector's temperature is not known, so its position "
            "offset cannot be computed: give a spacecraft state file (scst) or a metadata table "
            "with the pointing; where FDTTDC is absent there, FUV was off"
        )
    low, high = FUV_TDC_RANGE
    if not low < tdc_temp < high:
        raise ReductionError(
            f"eclipse {eclipse}: the FUV detector's TDC temperature, {tdc_temp:g} deg C, is not "
            f"between {low:g} and {high:g}: FUV was off or out of range"
        )
    assert calibration.fuv_offsets is not None  # a FUV set always has them
    coefficient_x, coefficient_y = (table.get(eclipse) for table in calibration.fuv_offsets)
    if coefficient_x is None or coefficient_y is None:
        raise ReductionError(f"eclipse {eclipse}: the FUV offset tables end before this eclipse")
    return coefficient_x, coefficient_y - FUV_OFFSET_PER_DEG * (tdc_temp - 29.0)
