"""Polygons in well-known binary, looked through before a library reads them.

The library reads nested geometries by recursion: 200,000 of them, one in another, end the process.
"""

import struct

import numpy as np
import shapely

from gphoton_db.errors import PointingError

LARGEST_RA_DEG = 720.0
"""Of a corner; right ascensions run on beyond 0 and 360."""

POLYGON, MULTI_POLYGON = 3, 6

_WITH_Z, _WITH_M, _WITH_SRID = 0x80000000, 0x40000000, 0x20000000


def read_polygon(encoded: bytes | bytearray | memoryview) -> shapely.Geometry:
    """Return the polygon, or polygons, of well-known binary.

    Raises
    ------
    PointingError
        If it is none.
    """
    try:
        check_polygon(content := bytes(encoded))
        with np.errstate(invalid="ignore"):  # of corners that are NaN
            region: shapely.Geometry = shapely.from_wkb(content)
        corners = np.abs(shapely.get_coordinates(region))
        if not ((corners[:, 0] <= LARGEST_RA_DEG) & (corners[:, 1] <= 90)).all():
            raise ValueError("a corner is no direction on the sky")
    except (ValueError, TypeError, shapely.GEOSException) as error:
        raise PointingError(f"a region of the coverage is damaged: {error}") from None
    return region


def check_polygon(encoded: bytes) -> None:
    """Check that bytes are a polygon, or polygons side by side, and as long as they say.

    Parameters
    ----------
    encoded : bytes
        Well-known binary, also with Z, M or a reference system (as ISO or PostGIS write them).

    Raises
    ------
    ValueError
        If they are anything else.
    """
    kind, at, order, ordinates = _header(encoded, 0)
    if kind == POLYGON:
        _rings(encoded, at, order, ordinates)
        return
    if kind != MULTI_POLYGON:
        raise ValueError(f"its geometry is of kind {kind}, not a polygon")
    n, at = _count(encoded, at, order)
    for _ in range(n):
        kind, at, inner, ordinates = _header(encoded, at)
        if kind != POLYGON:
            raise ValueError(f"a geometry of kind {kind} lies where a polygon must be")
        at = _rings(encoded, at, inner, ordinates)


def _header(encoded: bytes, at: int) -> tuple[int, int, str, int]:
    """Return the kind of a geometry, where it goes on, its byte order and numbers a corner."""
    if at + 5 > len(encoded) or encoded[at] > 1:
        raise ValueError("it ends early, or is no well-known binary")
    order = "<" if encoded[at] else ">"
    (code,) = struct.unpack_from(f"{order}I", encoded, at + 1)
    at += 5 + (4 if code & _WITH_SRID else 0)
    iso, kind = divmod(code & 0x1FFFFFFF, 1000)
    has_z, has_m = code & _WITH_Z or iso in (1, 3), code & _WITH_M or iso in (2, 3)
    return kind, at, order, 2 + bool(has_z) + bool(has_m)


def _rings(encoded: bytes, at: int, order: str, ordinates: int) -> int:
    """Walk over the rings of a polygon; return where it ends."""
    n, at = _count(encoded, at, order)
    for _ in range(n):
        corners, at = _count(encoded, at, order)
        at += corners * ordinates * 8
        if at > len(encoded):
            raise ValueError("it ends early: a ring has fewer corners than it says")
    return at


def _count(encoded: bytes, at: int, order: str) -> tuple[int, int]:
    if at + 4 > len(encoded):
        raise ValueError("it ends early")
    (n,) = struct.unpack_from(f"{order}I", encoded, at)
    return n, at + 4
