"""Times of light curves as they would be seen from the barycentre of the solar system."""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.times import as_time


def barycentric_days(
    t_ms: NDArray[np.int64], directions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return barycentric Julian dates in the scale TDB.

    The light travel time is that from the geocentre; GALEX was within 7,100 km of it, 0.024 s.
    It uses astropy's own ephemeris, and nothing from the network: that of the Earth's orientation
    has no part in it.

    Parameters
    ----------
    t_ms : (m,) int64
        GALEX times, ms.
    directions : (n, 3) float64
        Unit vectors.

    Returns
    -------
    (n, m) float64
        BJD_TDB, days.
    """
    from astropy.coordinates import get_body_barycentric
    from astropy.units import lightyear

    if not len(t_ms) or not len(directions):
        return np.empty((len(directions), len(t_ms)))
    time = as_time(t_ms * 1000)
    earth = get_body_barycentric("earth", time, ephemeris="builtin")
    light_days = earth.xyz.to_value(lightyear) * 365.25
    tdb = time.tdb
    return np.asarray(tdb.jd1 + (tdb.jd2 + directions @ light_days))
