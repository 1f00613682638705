"""HEALPix pixels of directions and back, nested scheme (Gorski et al. 2005, ApJ 622, 759).

The sphere has 12 faces, each a square of 2 ** order by 2 ** order pixels: ``x`` rises to the
north-east and ``y`` to the north-west.
"""

import math

from numba import njit


@njit(cache=True, nogil=True)
def spread_bits(v: int) -> int:
    """Move bit k of a number below 2 ** 32 to bit 2k."""
    v = (v | (v << 16)) & 0x0000FFFF0000FFFF
    v = (v | (v << 8)) & 0x00FF00FF00FF00FF
    v = (v | (v << 4)) & 0x0F0F0F0F0F0F0F0F
    v = (v | (v << 2)) & 0x3333333333333333
    return (v | (v << 1)) & 0x5555555555555555


@njit(cache=True, nogil=True)
def gather_bits(v: int) -> int:
    """Move bit 2k of a number to bit k, the inverse of `spread_bits`; odd bits are left out."""
    v &= 0x5555555555555555
    v = (v | (v >> 1)) & 0x3333333333333333
    v = (v | (v >> 2)) & 0x0F0F0F0F0F0F0F0F
    v = (v | (v >> 4)) & 0x00FF00FF00FF00FF
    v = (v | (v >> 8)) & 0x0000FFFF0000FFFF
    return (v | (v >> 16)) & 0x00000000FFFFFFFF


@njit(cache=True, nogil=True, error_model="numpy")
def pixel_at(z: float, sin_theta: float, ra_rad: float, order: int) -> int:
    """Return the nested pixel of a direction.

    Parameters
    ----------
    z : float
        Sine of the declination.
    sin_theta : float
        Cosine of the declination, >= 0 (keeps precision near the poles, where z rounds to 1).
    ra_rad : float
        Right ascension, radians, in [0, 2 pi).
    order : int
        Of the pixel, 0 to 29.
    """
    nside = 1 << order
    quarter = ra_rad * (2.0 / math.pi)
    za = abs(z)
    if za <= 2.0 / 3.0:
        rising = nside * (0.5 + quarter)
        slope = nside * 0.75 * z
        jp = int(rising - slope)
        jm = int(rising + slope)
        ifp = jp >> order
        ifm = jm >> order
        if ifp == ifm:
            face = (ifp & 3) | 4
        elif ifp < ifm:
            face = ifp
        else:
            face = ifm + 8
        ix = jm & (nside - 1)
        iy = nside - 1 - (jp & (nside - 1))
    else:
        sector = min(3, int(quarter))
        tp = quarter - sector
        scaled = nside * sin_theta / math.sqrt((1.0 + za) / 3.0)
        jp = min(int(tp * scaled), nside - 1)
        jm = min(int((1.0 - tp) * scaled), nside - 1)
        if z >= 0.0:
            face = sector
            ix = nside - 1 - jm
            iy = nside - 1 - jp
        else:
            face = sector + 8
            ix = jp
            iy = jm
    return (face << (2 * order)) + spread_bits(ix) + (spread_bits(iy) << 1)


@njit(cache=True, nogil=True, error_model="numpy")
def direction_on(face: int, x: float, y: float) -> tuple[float, float, float]:
    """Return the unit vector of a point of a face.

    Parameters
    ----------
    face : int
        0 to 11.
    x, y : float
        On it, 0 to 1.
    """
    band, along = face // 4, face % 4
    from_pole = band + 2.0 - x - y
    centre = 2.0 * along + (band != 1)
    if from_pole < 1.0 or from_pole > 3.0:
        ring = max(from_pole if from_pole < 1.0 else 4.0 - from_pole, 0.0)
        below = ring * ring / 3.0
        z = 1.0 - below if from_pole < 1.0 else below - 1.0
        sin_theta = math.sqrt(below * (2.0 - below))
    else:
        ring = 1.0
        z = (2.0 - from_pole) * 2.0 / 3.0
        sin_theta = math.sqrt((1.0 - z) * (1.0 + z))
    eighths = centre * ring + x - y
    ra = 0.0 if ring < 1e-15 else math.pi / 4.0 * eighths / ring
    return sin_theta * math.cos(ra), sin_theta * math.sin(ra), z
