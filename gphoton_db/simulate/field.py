"""What the detector's places are worth: how well they respond, and which the tables know."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.mission import DETECTOR_PIXELS, RESPONSE_SCALE, Band
from gphoton_db.simulate.kernels.inverse import ChainTables, measurable
from gphoton_db.simulate.scene import Hotspot
from gphoton_db.simulate.tables import read_flat

Floats = NDArray[np.float64]

FIELD_ARCSEC = 2420.0
"""Radius on which photons are made: 20 arcsec more than the detector's 400 pixels."""

PIXEL_ARCSEC = 6.0
"""Side of a pixel of flat and mask."""

MAP_PIXELS = 810
"""Side of our maps: the detector's 800 pixels and a margin that holds the whole field."""

TYPICAL_PULSE_HEIGHT = 12


def place_of(spot: Hotspot) -> tuple[float, float]:
    """Return x, y (arcsec) of a spot on the detector."""
    middle = DETECTOR_PIXELS / 2
    return PIXEL_ARCSEC * (spot.col - middle), PIXEL_ARCSEC * (spot.row - middle)


@dataclass(frozen=True, eq=False)
class Field:
    """Maps of the detector by x and y, with its centre in their middle.

    Parameters
    ----------
    flat : (810, 810) float64
        Relative response; 0 beyond the detector's pixels; 1 everywhere without response.
    counted : (810, 810) bool
        Where a reduction gives a photon flag 0.
    response : bool
        Whether photons are thinned by the response at all.
    """

    band: Band
    flat: Floats
    counted: NDArray[np.bool_]
    response: bool

    def at(self, x: Floats, y: Floats) -> Floats:
        """Return the flat at positions in the field, arcsec."""
        col, row = (np.floor(v / PIXEL_ARCSEC + MAP_PIXELS / 2).astype(np.int64) for v in (x, y))
        return self.flat[col, row]

    def counts_at(self, x: float, y: float) -> bool:
        """Return whether a photon at a position, arcsec, gets flag 0."""
        col, row = (int(v // PIXEL_ARCSEC + MAP_PIXELS // 2) for v in (x, y))
        return bool(self.counted[col, row])

    def scale(self, time_ms: NDArray[np.int64] | Floats) -> Floats:
        """Return the sensitivity that multiplies the flat at times, GALEX ms."""
        t, k = np.asarray(time_ms / 1000), RESPONSE_SCALE[self.band]
        if not self.response:
            return np.ones_like(t)
        return (k.k0 + k.k1 * t + k.k2 * t**2) * np.where(t < k.step_time, 1.0, k.step_factor)

    def largest(self, start_ms: int, stop_ms: int) -> float:
        """Return an upper bound of the response between two times, GALEX ms."""
        # The sensitivity runs evenly between the ends, but for its one step up.
        return float(self.flat.max() * self.scale(np.array([start_ms, stop_ms])).max())

    @cached_property
    def flat_counted(self) -> Floats:
        """Return the flat where a reduction gives a photon flag 0, and 0 elsewhere."""
        return self.flat * self.counted

    @cached_property
    def means(self) -> tuple[float, float]:
        """Return the means of the flat, and of what of it is counted."""
        return self.mean(self.flat), self.mean(self.flat_counted)

    def mean(self, weight: Floats) -> float:
        """Return the mean of a map over the disc on which photons are made."""
        x, y = _pixel_centres(MAP_PIXELS)
        return float(weight[np.hypot(x, y) < FIELD_ARCSEC].mean())


def read_field(
    calibration: Path, band: Band, tables: ChainTables, separation: float, *, response: bool
) -> Field:
    """Return the field of a detector whose stims are `separation` arcsec apart."""
    margin = (MAP_PIXELS - DETECTOR_PIXELS) // 2
    flat = np.pad(read_flat(calibration, band).astype(np.float64), margin)
    return Field(
        band,
        flat if response else np.ones_like(flat),
        _counted(tables, separation),
        response,
    )


def _counted(tables: ChainTables, separation: float) -> NDArray[np.bool_]:
    """Return the map of what gets flag 0, tried at every fourth pixel.

    The mission accepts 0 < col, row < 799: docs/specification.md, spec-detector-sky.
    """
    x, y = _pixel_centres(MAP_PIXELS, step=2)
    known = measurable(x.ravel(), y.ravel(), separation, TYPICAL_PULSE_HEIGHT, tables)
    half = DETECTOR_PIXELS / 2 * PIXEL_ARCSEC
    on_detector = (np.maximum(x, y) < half - PIXEL_ARCSEC) & (np.minimum(x, y) > -half)
    return (known.reshape(x.shape) & on_detector).repeat(2, axis=0).repeat(2, axis=1)


def _pixel_centres(pixels: int, step: int = 1) -> tuple[Floats, Floats]:
    """Return x and y (arcsec) of the centres of blocks of `step` pixels."""
    centre = (np.arange(0, pixels, step) + step / 2 - pixels / 2) * PIXEL_ARCSEC
    x, y = np.meshgrid(centre, centre, indexing="ij")
    return x, y
