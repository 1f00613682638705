"""Arguments of the kernels of variables; see `examples`."""

from typing import Any

import numpy as np

from gphoton_db.kernels.arrays import read_only
from gphoton_db.products.kernels import aperture_lists, bursts, constancy
from gphoton_db.products.kernels.aperture_photons import TargetGrid
from gphoton_db.products.kernels.placing import Edges
from gphoton_db.products.kernels.rings import Directions, FrameClock, PhotonColumns

Calls = list[tuple[Any, tuple[Any, ...]]]

_FLOATS, _FLOATS32 = np.zeros(1), np.zeros(1, np.float32)
_INTS, _INTS32 = np.zeros(1, np.int64), np.zeros(1, np.int32)
_PLANE, _MASKS = np.zeros((1, 1)), np.zeros((1, 1), np.bool_)
_TIMES = aperture_lists.Times(_INTS32, _FLOATS32)


def variables() -> Calls:
    """Return what measures how sources vary."""
    position, pixel = read_only(_FLOATS), read_only(_FLOATS32)
    byte, hotspot = read_only(np.zeros(1, np.uint8)), read_only(np.zeros(1, np.bool_))
    columns = PhotonColumns(
        *(position, position, pixel, pixel, pixel), hotspot, byte, byte, byte, read_only(_INTS)
    )
    grid = TargetGrid(1.0, 1.0, 1.0, 1, 1.0, 1.0, 1, _INTS, _INTS32)
    places = Directions(_FLOATS, _FLOATS, _FLOATS)
    limits = aperture_lists.ListLimits(1.0, 1.0, 1.0, 1.0)
    listed = aperture_lists.Listed(_INTS32, _INTS32, _FLOATS32)
    sums = aperture_lists.ListSums(_PLANE, _PLANE, _MASKS, _INTS)
    near = (places, grid, limits, Edges(1.0, 1.0), FrameClock(1, 1, 1), 1)
    model = bursts.Model(_FLOATS, _FLOATS, _FLOATS, _FLOATS)
    used = np.zeros(1, np.bool_)
    return [
        (aperture_lists.list_photons, (columns, *near, listed, sums)),
        (aperture_lists.take_photons, (listed, _INTS, _TIMES)),
        (aperture_lists.sort_photons, (_INTS, _TIMES, 1)),
        (aperture_lists.add_to_bins, (_INTS, _TIMES, 1, _PLANE, _PLANE)),
        (bursts.find_bursts, (_INTS, _TIMES, model, _INTS, 1)),
        (bursts.find_dips, (_PLANE, _PLANE, _INTS)),
        (bursts.count_between, (_INTS, _TIMES, model, _FLOATS, _FLOATS)),
        (constancy.ratios, (_PLANE, _PLANE, used, _PLANE, 1.0, 1.0)),
        (constancy.excess_variances, (_PLANE, _PLANE, used, _FLOATS)),
        (constancy.outliers, (_PLANE, _PLANE, _MASKS)),
    ]
