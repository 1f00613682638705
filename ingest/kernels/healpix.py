"""HEALPix cell of a direction, nested scheme (Gorski et al. 2005, ApJ 622, 759)."""

import math

from numba import njit

from gphoton_db.mission import CELL_ORDER

_NSIDE = 1 << CELL_ORDER


@njit(cache=True, nogil=True)
def _spread_bits(v: int) -> int:
    """Move bit k of a 16-bit number to bit 2k."""
    v = (v | (v << 8)) & 0x00FF00FF
    v = (v | (v << 4)) & 0x0F0F0F0F
    v = (v | (v << 2)) & 0x33333333
    return (v | (v << 1)) & 0x55555555


@njit(cache=True, nogil=True, error_model="numpy")
def cell_of(z: float, sin_theta: float, ra_rad: float) -> int:
    """Return the order-13 nested cell of a direction.

    Parameters
    ----------
    z : float
        Sine of the declination.
    sin_theta : float
        Cosine of the declination, >= 0 (keeps precision near the poles, where z rounds to 1).
    ra_rad : float
        Right ascension, radians, in [0, 2 pi).
    """
    quarter = ra_rad * (2.0 / math.pi)
    za = abs(z)
    if za <= 2.0 / 3.0:
        rising = _NSIDE * (0.5 + quarter)
        slope = _NSIDE * 0.75 * z
        jp = int(rising - slope)
        jm = int(rising + slope)
        ifp = jp >> CELL_ORDER
        ifm = jm >> CELL_ORDER
        if ifp == ifm:
            face = (ifp & 3) | 4
        elif ifp < ifm:
            face = ifp
        else:
            face = ifm + 8
        ix = jm & (_NSIDE - 1)
        iy = _NSIDE - 1 - (jp & (_NSIDE - 1))
    else:
        sector = min(3, int(quarter))
        tp = quarter - sector
        scaled = _NSIDE * sin_theta / math.sqrt((1.0 + za) / 3.0)
        jp = min(int(tp * scaled), _NSIDE - 1)
        jm = min(int((1.0 - tp) * scaled), _NSIDE - 1)
        if z >= 0.0:
            face = sector
            ix = _NSIDE - 1 - jm
            iy = _NSIDE - 1 - jp
        else:
            face = sector + 8
            ix = jp
            iy = jm
    return (face << (2 * CELL_ORDER)) + _spread_bits(ix) + (_spread_bits(iy) << 1)
