"""Arguments of each kernel of a reduction, with which it is compiled ahead (`GROUPS`).

Only the types count: numba compiles a kernel for the types of its arguments.  A test compiles all
of this, and finds nothing left to compile in a reduction.
"""

from typing import Any

import numpy as np

from gphoton_db.ingest.kernels.columns import Grids, columns_in_order, round_columns
from gphoton_db.ingest.kernels.decode import decode
from gphoton_db.ingest.kernels.detector import CubePlacement, DetectorTables
from gphoton_db.ingest.kernels.ghosts import accumulate, in_ghost
from gphoton_db.ingest.kernels.ordering import group_by_pixel, order_by_cell, reorder
from gphoton_db.ingest.kernels.packing import park, parked_times
from gphoton_db.ingest.kernels.post_csp import LinearCorrections, PostCsp
from gphoton_db.ingest.kernels.reduction import PHOTON, reduce_rows
from gphoton_db.ingest.kernels.sky import EclipseSky
from gphoton_db.ingest.kernels.stims import find_stims
from gphoton_db.ingest.kernels.ticks import count_ticks
from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import CentreScale, ResponseScale

Calls = list[tuple[Any, tuple[Any, ...]]]

_FLOATS = np.zeros(1)
_TIMES = np.zeros(1, np.int64)
_BYTES = np.zeros(1, np.uint8)
_BOOLS = np.zeros(1, np.bool_)
_PIXELS = np.zeros(1, np.float32)
_ORDER = np.zeros(1, np.int32)
_ROWS = np.zeros((1, 1), np.uint8)
_PHOTONS = np.zeros(1, PHOTON)
_SCALE = CentreScale(*[1.0] * 8)


def reduction() -> Calls:
    """Return what takes telemetry to the sky."""
    corrections = LinearCorrections(False, *[1.0] * 10)
    csp = PostCsp(corrections, np.zeros((1, 1)), _table(4), _table(3), _table(2))
    cube = CubePlacement(*[1.0] * 11)
    tables = DetectorTables(_table(2), _table(2), _table(4), _table(3), _table(4), cube, 1.0)
    plane = np.zeros((1, 1))
    sky = EclipseSky(_TIMES, _FLOATS, _FLOATS, _BOOLS, plane, plane)
    return [(reduce_rows, (read_only(_ROWS), 0, _TIMES, _SCALE, csp, tables, sky, 0))]


def telemetry() -> Calls:
    """Return what reads telemetry, parks it and finds the stims."""
    rows = read_only(_ROWS)
    return [
        (find_stims, (rows, 0, _SCALE, _FLOATS, _FLOATS, 1.0)),
        (decode, (rows, 0, _SCALE)),
        (park, (_ROWS, 0, _TIMES, 0)),
        (parked_times, (rows, 0)),
    ]


def order() -> Calls:
    """Return what sorts photons and counts them."""
    return [
        (order_by_cell, (read_only(_PHOTONS),)),
        (group_by_pixel, (read_only(_PHOTONS),)),
        (reorder, (_PHOTONS, _ORDER)),
        (count_ticks, (_PHOTONS,)),
    ]


def columns() -> Calls:
    """Return what makes columns of photons, and what finds ghosts among them."""
    photons, mask = read_only(_PHOTONS), np.zeros((1, 1), np.bool_)
    scale, grids = ResponseScale(*[1.0] * 5), Grids(1.0, 1.0, 1)
    bits, found = np.zeros(1, np.uint32), (_FLOATS, _TIMES, _TIMES)
    return [
        (columns_in_order, (photons, _ORDER, 0, _table(2), mask, scale)),
        (round_columns, (_FLOATS, _FLOATS, _PIXELS, _PIXELS, bits, grids)),
        (accumulate, (_FLOATS, _FLOATS, photons["ya"], _BOOLS, *found)),
        (in_ghost, (_FLOATS, _FLOATS, _BOOLS, *found)),
    ]


def _table(dimensions: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.zeros((1,) * dimensions, np.float32)


GROUPS = (
    *(f"{__name__}:{each.__name__}" for each in (reduction, columns, telemetry, order)),
    "gphoton_db.kernels.examples:exposure",
)
"""Names of the groups, those that take longest first."""
