"""Times of light curves as they would be seen from the barycentre of the solar system."""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.times import as_time

Floats = NDArray[np.float64]

NODES_A_DAY = 4
"""How often the Earth is asked for, and interpolated between.  What is left out (the fourth
derivative of its place, half of it from the Moon) is below 0.1 microseconds of light time."""

_J2000 = 2_451_545.0


def barycentric_days(t_ms: NDArray[np.int64], directions: Floats) -> Floats:
    """Return barycentric Julian dates in the scale TDB.

    The light travel time is that from the geocentre; GALEX was within 7,100 km of it, 0.024 s.
    It uses astropy's own ephemeris, and nothing from the network: that of the Earth's orientation
    has no part in it.  Bins of many visits are many times, and an ephemeris takes longer than
    all else that is done with a bin: so it is asked four times a day, and interpolated.

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
    if not len(t_ms) or not len(directions):
        return np.empty((len(directions), len(t_ms)))
    time = as_time(t_ms * 1000).tt
    tdb_minus_tt, light_days = earth_at((time.jd1 - _J2000) + time.jd2)
    return np.asarray(time.jd1 + (time.jd2 + (tdb_minus_tt + directions @ light_days)))


def earth_at(tt_days: Floats) -> tuple[Floats, Floats]:
    """Return what a clock on the Earth lacks of TDB, and where the Earth is.

    Parameters
    ----------
    tt_days : (m,) float64
        Terrestrial Time, days since J2000.

    Returns
    -------
    tdb_minus_tt : (m,) float64
        Days.
    light_days : (3, m) float64
        From the barycentre of the solar system to the geocentre.
    """
    from astropy.coordinates import get_body_barycentric_posvel
    from astropy.time import Time
    from astropy.units import day, lightyear

    number = np.floor(tt_days * NODES_A_DAY)
    nodes = np.union1d(number, number + 1)
    time = Time(_J2000, nodes / NODES_A_DAY, format="jd", scale="tt")
    tdb = time.tdb
    late = (tdb.jd1 - time.jd1) + (tdb.jd2 - time.jd2)
    place, velocity = get_body_barycentric_posvel("earth", time, ephemeris="builtin")
    at = place.xyz.to_value(lightyear) * 365.25
    slope = velocity.xyz.to_value(lightyear / day) * (365.25 / NODES_A_DAY)
    # From one node to the next x goes from 0 to 1.
    k = np.searchsorted(nodes, number)
    x = tt_days * NODES_A_DAY - number
    y = 1.0 - x
    along = (
        at[:, k] * ((1.0 + 2.0 * x) * y * y)
        + slope[:, k] * (x * y * y)
        + at[:, k + 1] * ((3.0 - 2.0 * x) * x * x)
        - slope[:, k + 1] * (x * x * y)
    )
    return late[k] * y + late[k + 1] * x, along
