"""Arguments of the kernels of light curves; see `examples`.

They stand apart so that a light curve, which looks for them in the cache, imports no others.
"""

from typing import Any

import numpy as np

from gphoton_db.kernels.arrays import read_only
from gphoton_db.products.kernels import aperture_sums
from gphoton_db.products.kernels.aperture_photons import (
    Hits,
    Neighbours,
    Reach,
    TargetGrid,
    add_photons,
    find_photons,
    good_photons,
    seconds_in_field,
)

Calls = list[tuple[Any, tuple[Any, ...]]]

_FLOATS, _PLANE = np.zeros(1), np.zeros((1, 1))
_INTS, _INTS32 = np.zeros(1, np.int64), np.zeros(1, np.int32)

# Columns of photons, as they are read.
_POSITION = (read_only(_FLOATS), read_only(_FLOATS))
_PIXEL = (read_only(np.zeros(1, np.float32)), read_only(np.zeros(1, np.float32)))
_RESPONSE, _TIMES = read_only(np.zeros(1, np.float32)), read_only(_INTS)
_FLAGS, _HOTSPOT = read_only(np.zeros(1, np.uint8)), read_only(np.zeros(1, np.bool_))


def light_curves() -> Calls:
    """Return what measures positions on the sky."""
    good, counts, bits = (
        np.zeros(1, np.bool_),
        np.zeros((1, 1), np.int64),
        np.zeros((1, 1), np.uint8),
    )
    of_source = np.zeros((1, 1), aperture_sums.MOMENTS)
    around = np.zeros((1, 1), aperture_sums.WEIGHTS)
    grid = TargetGrid(1.0, 1.0, 1.0, 1, 1.0, 1.0, 1, _INTS, _INTS32)
    reach, neighbours = Reach(1.0, 1.0, 1.0), Neighbours(_INTS, _FLOATS, _FLOATS, 1.0)
    targets = (_FLOATS, _FLOATS, _PLANE)
    sums = aperture_sums.Sums(counts, of_source, counts, counts, counts, around, bits)
    photons = (_TIMES, _POSITION, _PIXEL, _RESPONSE, _HOTSPOT, _FLAGS)
    return [
        (find_photons, (*_POSITION, good, targets, grid, reach, neighbours)),
        (add_photons, (Hits(_INTS32, _INTS32, good), *photons, (_INTS, _INTS), sums)),
        (good_photons, (_FLAGS, _RESPONSE, *_PIXEL)),
        (seconds_in_field, (_PLANE, _PLANE, _INTS, 1.0, 1)),
    ]
