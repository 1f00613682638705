"""HEALPix cell of a photon."""

from numba import njit

from gphoton_db.kernels.healpix import pixel_at
from gphoton_db.mission import CELL_ORDER


@njit(cache=True, nogil=True, error_model="numpy")
def cell_of(z: float, sin_theta: float, ra_rad: float) -> int:
    """Return the order-13 nested cell of a direction; parameters as of `pixel_at`."""
    return pixel_at(z, sin_theta, ra_rad, CELL_ORDER)
