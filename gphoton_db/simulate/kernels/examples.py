"""What each kernel of the simulator is called with, so that it can be compiled before (`GROUPS`).

Only the types count: numba compiles a kernel for the types of its arguments.
"""

from typing import Any

import numpy as np

from gphoton_db.mission import CentreScale
from gphoton_db.simulate.kernels.after_csp import CspTables
from gphoton_db.simulate.kernels.inverse import ChainTables, digitise, measurable
from gphoton_db.simulate.kernels.sky import from_plane, rates_by_second, scatter, to_plane

Calls = list[tuple[Any, tuple[Any, ...]]]

_FLOATS, _INTS = np.zeros(1), np.zeros(1, np.int64)
_TABLE, _CUBE = np.zeros((1, 1)), np.zeros((1, 1, 1))
_IMAGES = (np.zeros((1, 1), np.float32), np.zeros((1, 1), np.float32))
_CUBES = (np.zeros((1, 1, 1), np.float32), np.zeros((1, 1, 1), np.float32))
_THREE = (1.0, 1.0, 1.0)


def detector() -> Calls:
    """Return what takes photons backwards through the detector."""
    scale = CentreScale(*[1.0] * 8)
    tables = (*_IMAGES, *_CUBES, *_IMAGES, *_CUBES, _THREE, _THREE)
    chain = ChainTables(scale, 1.0, *tables, 1.0, 1.0)
    corrections = (_TABLE, np.zeros((1, 1, 1, 1)), _CUBE, _TABLE)
    csp = CspTables(False, 1.0, 1.0, 1.0, 1.0, *corrections, _THREE, _THREE)
    return [
        (digitise, (_FLOATS, _FLOATS, _FLOATS, _INTS, _INTS, _INTS, chain, csp)),
        (measurable, (_FLOATS, _FLOATS, 1.0, 1, chain)),
    ]


def sky() -> Calls:
    """Return what takes photons from the sky to the detector's plane."""
    plane = (_FLOATS, _FLOATS, _INTS, _FLOATS, _CUBE, _TABLE)
    return [
        (rates_by_second, (_TABLE, _FLOATS, _TABLE, _INTS, _CUBE, _TABLE, _TABLE, 1.0, 1.0)),
        (scatter, (_INTS, _FLOATS, _FLOATS, _CUBE)),
        (to_plane, (_TABLE, *plane[2:])),
        (from_plane, plane),
    ]


GROUPS = tuple(f"{__name__}:{each.__name__}" for each in (detector, sky))
"""Names of the groups, those that take longest first."""
