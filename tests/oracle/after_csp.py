"""Corrections for the changed detector after the Course Sun Point anomaly (spec-post-csp)."""

from pathlib import Path

import numpy as np
from astropy.io import fits

from gphoton_db.errors import ReductionError
from tests.oracle.arrays import Booleans, Floats, Integers
from tests.oracle.constants import ARCSEC_PER_MICRON, STIMS
from tests.oracle.raw6 import DetectorEvents, RawEvents
from tests.oracle.stims import mean_positions, stim_numbers

GHOST_BINS = 1600
GHOST_PHOTONS = 15
GHOST_YA = 6


def correct_after_csp(raw: RawEvents, events: DetectorEvents, calibration: Path) -> DetectorEvents:
    """Return the events with the post-CSP corrections, ready for the detector corrections."""
    number = stim_numbers(raw, events)
    scaled = scale_and_shift(raw, events, number)
    y = scaled.y - phase_correction(raw, scaled, number)
    y = y + second_order(raw, events.ya, y, calibration)
    return DetectorEvents(scaled.x, y, events.ya)


def scale_and_shift(raw: RawEvents, events: DetectorEvents, number: Integers) -> DetectorEvents:
    """Move the stims' sides to where they were before CSP."""
    x, y = mean_positions(events, number)
    x_0, y_0 = STIMS[raw.band]
    mx, bx = _scale(x, x_0, ((0, 2), (1, 3)))
    my, by = _scale(y, y_0, ((0, 1), (2, 3)))
    return DetectorEvents(mx * events.x + bx, my * events.y + by, events.ya)


def _scale(
    observed: list[float],
    before: tuple[float, ...],
    sides: tuple[tuple[int, int], tuple[int, int]],
) -> tuple[float, float]:
    """Return scale and shift (microns) that take the observed sides to those before CSP."""
    s1, s2 = ((observed[a] + observed[b]) / 2 for a, b in sides)
    s1_0, s2_0 = ((before[a] + before[b]) / 2 for a, b in sides)
    m = (s1_0 - s2_0) / (s1 - s2)
    return m, (s1_0 - m * s1) / ARCSEC_PER_MICRON


def wrapped_phase(raw: RawEvents, ya: Integers) -> Integers:
    """Return yap.  Adding 32 before taking the remainder by 32 changes nothing, as it stands."""
    wraps = (raw.yb > 1) & (raw.yb < 5)
    wraps &= ((ya == 0) & (raw.yamc > -50)) | ((ya == 1) & (raw.yamc > -10))
    return np.asarray((ya + 32 * wraps) % 32)


def phase_correction(raw: RawEvents, scaled: DetectorEvents, number: Integers) -> Floats:
    """Return yac (microns) of each event, from the line of the stims' y against yap.

    Raises
    ------
    ReductionError
        If fewer than two phases of stim events have ya > 2 and yb = 2.
    """
    yap = wrapped_phase(raw, scaled.ya)
    offset = np.zeros(len(yap))
    for k in (1, 2, 3, 4):
        offset[number == k] = scaled.y[number == k] - scaled.y[number == k].mean()
    used = (number > 0) & (scaled.ya > 2) & (raw.yb == 2)
    if len(np.unique(yap[used])) < 2:
        raise ReductionError("too few stim events with ya > 2 and yb = 2")
    a, b = yap[used] - yap[used].mean(), offset[used] - offset[used].mean()
    g1 = (a * b).sum() / (a * a).sum()
    g0 = offset[used].mean() - g1 * yap[used].mean()
    slope = np.full(8, g1)
    slope[2], slope[3], slope[4] = 1.04 * g1, 1.06 * g1, 1.06 * g1
    intercept = g0 + 16 * g1 - 16 * slope
    return np.asarray(intercept[raw.yb] + slope[raw.yb] * yap)


def second_order(raw: RawEvents, ya: Integers, y: Floats, calibration: Path) -> Floats:
    """Return the WIG2, WLK2 and CLK2 corrections of y, microns."""
    y_as = y * ARCSEC_PER_MICRON
    inside = (y_as > -2000) & (y_as < 2000)
    where = np.trunc(np.where(inside, y_as, 0))
    total = np.zeros(len(y))
    for name, keys in (
        ("WIG2", {"YB": raw.yb, "YA": ya, "XB": raw.xb}),
        ("WLK2", {"YB": raw.yb, "Q": raw.q}),
        ("CLK2", {"YB": raw.yb}),
    ):
        with fits.open(calibration / f"{name}_Sep2010.fits") as hdus:
            start, step = hdus[0].header["Y_AS_0"], hdus[0].header["Y_AS_INC"]
            rows = hdus[1].data
            table = np.zeros((128, *(32 if key in ("YA", "Q") else 8 for key in keys)))
            listed = tuple(rows[key].astype(np.int64) for key in ("yy", *keys))
            table[listed] = rows["ycor"]
        bins = np.trunc((where - start) / step).astype(np.int64)
        total += table[(bins, *keys.values())]
    return np.where(inside, total / ARCSEC_PER_MICRON, 0)


def ghosts(ra: Floats, dec: Floats, col: Floats, row: Floats, ya: Integers) -> Booleans:
    """Return which photons of a leg lie in a ghost: many photons of low ya in a small cell.

    Right ascensions are unwrapped about the first photon's, so that a field across RA 0 is
    binned like any other (the reference spreads its bins over all 360 degrees there).
    """
    found = np.zeros(len(ra), bool)
    used = np.isfinite(ra) & np.isfinite(dec)
    used &= (col >= 0) & (col <= 800) & (row >= 0) & (row <= 800)
    if not used.any():
        return found
    near = ra[used] - ra[used][0]
    near = (near + 180) % 360 - 180
    cell = _bin(near) * GHOST_BINS + _bin(dec[used])
    count = np.bincount(cell)
    low = np.bincount(cell, weights=ya[used]) < GHOST_YA * count
    found[used] = ((count > GHOST_PHOTONS) & low)[cell]
    return found


def _bin(value: Floats) -> Integers:
    """Return the bin of each value among `GHOST_BINS` equal ones over the values' own range."""
    width = (value.max() - value.min()) / GHOST_BINS
    if width == 0:
        return np.zeros(len(value), np.int64)
    cell = np.floor((value - value.min()) / width)
    return np.asarray(np.minimum(cell, GHOST_BINS - 1), np.int64)
