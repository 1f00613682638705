"""The legs near positions, for Python: looked up by the index by place, not in a list of all."""

from collections.abc import Sequence

import duckdb
import numpy as np
from numpy.typing import ArrayLike, NDArray

from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.query.constants import (
    PATCH_REACH_DEG,
    PATCH_ZONES,
    PATCHES_OF_A_ZONE,
    WIDE_PATCH,
)

MOST_PATCHES = 60
"""A tenth of the sky: where more is asked for, the table itself is as good."""

MOST_ECLIPSES = 20_000
"""Eclipses that are named in a query."""

MOST_DISTANCES = 5_000_000
"""Legs times positions; of more, the legs of the same patches are near enough."""

Floats = NDArray[np.float64]


def table_near(
    connection: duckdb.DuckDBPyConnection, ra: ArrayLike, dec: ArrayLike, reach_deg: float = 0.0
) -> str:
    """Return SQL to read the table ``legs`` from, where only legs near some positions are wanted.

    Its rows are all of those near the positions, and others: the conditions are still to be asked
    for.  It names few of the catalogue's files, where the table itself is all of them.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue.
    ra, dec : array_like
        Positions, deg.
    reach_deg : float
        How far from the circle about a leg's boresight a position may be, deg.
    """
    ra, dec = (np.atleast_1d(np.asarray(each, np.float64)) for each in (ra, dec))
    patches = patches_near(ra, dec, reach_deg + PATCH_REACH_DEG)
    if len(patches) > MOST_PATCHES:
        return "legs"
    ((present,),) = connection.execute("SELECT indexed_patches()").fetchall()
    listed = sorted({WIDE_PATCH, *patches} & set(map(int, present.split())))
    lines = ", ".join(["chr(10)", "NULL", *(f"legs_of_patch_{number}()" for number in listed)])
    ((text,),) = connection.execute(f"SELECT concat_ws({lines})").fetchall()
    eclipses = _eclipses(text.split("\n") if text else (), ra, dec, reach_deg)
    if len(eclipses) > MOST_ECLIPSES:
        return "legs"
    # Other eclipses of the same files need not be told apart.
    return f"read_parquet(segment_paths('legs', {eclipses}::INTEGER[]), hive_partitioning = false)"


def patches_near(ra: Floats, dec: Floats, reach_deg: float) -> set[int]:
    """Return the patches of the sky (macro ``sky_patches``) within reach of any position."""
    reach = reach_deg + 1e-6
    highest = np.abs(dec) + reach
    across = reach / np.cos(np.radians(np.minimum(highest, 89.999)))
    across = np.where(highest >= 89.9, 180.0, np.minimum(across, 180.0)) + 1e-6
    zones = [
        np.floor((np.clip(level, -90.0, 90.0) + 90.0) / 180.000001 * PATCH_ZONES)
        for level in (dec - reach, dec + reach)
    ]
    parts = [
        np.floor(place / 360.0 * PATCHES_OF_A_ZONE)
        for place in (ra % 360 - across, ra % 360 + across)
    ]
    edges = np.unique(np.stack([*zones, *parts], axis=1).astype(np.int64), axis=0)
    return {
        100 * zone + part % PATCHES_OF_A_ZONE
        for south, north, west, east in edges.tolist()
        for zone in range(south, north + 1)
        for part in range(west, min(east, west + PATCHES_OF_A_ZONE - 1) + 1)
    }


def _eclipses(lines: Sequence[str], ra: Floats, dec: Floats, reach_deg: float) -> list[int]:
    """Return the eclipses with a line whose leg is near a position."""
    fields = [line.split(" ", 6) for line in lines]
    eclipses = np.array([each[0] for each in fields], dtype=np.int64)
    if len(fields) * len(ra) <= MOST_DISTANCES:
        ra0, dec0, radius = (np.array([each[k] for each in fields], float) for k in (3, 4, 5))
        # A ten-thousandth of a degree more: who reads the rows asks again.
        limit = 2 * np.sin(np.radians(np.minimum(radius + reach_deg + 1e-4, 180.0)) / 2)
        chords = 2 - 2 * (unit_vectors(ra0, dec0) @ unit_vectors(ra, dec).T)
        eclipses = eclipses[(chords <= limit[:, None] ** 2 + 1e-12).any(axis=1)]
    found: list[int] = np.unique(eclipses).tolist()
    return found
