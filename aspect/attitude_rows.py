"""Columns of attitude into `Aspect`: in time order, without repeats, and checked."""

from pathlib import Path

import numpy as np

from gphoton_db.aspect.pointing import Aspect
from gphoton_db.aspect.sphere import normalised_angle
from gphoton_db.aspect.tables import Columns
from gphoton_db.errors import PointingError

LARGEST_ANGLE_DEG = 720.0
"""Of a right ascension or roll; what is larger is damage."""


def aspect_of(columns: Columns, file: Path) -> Aspect:
    """Return attitude samples in time order.

    Parameters
    ----------
    columns : dict
        ``time`` (GALEX seconds; rounded to whole milliseconds), ``ra``, ``dec``, ``roll`` (deg)
        and ``flags``, each (n,) float64.
    file : Path
        Where they came from, for messages.

    Returns
    -------
    Aspect
        Rows that repeat another one exactly are left out.

    Raises
    ------
    PointingError
        If there are no rows, rows of one time contradict each other, or a value is impossible.
    """
    time, flags = columns["time"], columns["flags"]
    if not len(time):
        raise PointingError(f"{file}: the table has no rows")
    if not np.isfinite(time).all() or not (np.rint(flags) == flags).all():
        raise PointingError(f"{file}: a time is not finite, or a flag is no whole number")
    _check_angles(columns, file)
    rows = np.column_stack(
        [np.rint(time * 1000), columns["ra"], columns["dec"], columns["roll"], flags]
    )
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    repeats = np.diff(rows[:, 0]) == 0
    conflicts = np.flatnonzero(repeats & (rows[1:] != rows[:-1]).any(axis=1))
    if conflicts.size:
        raise PointingError(
            f"{file}: two rows of t = {rows[conflicts[0], 0] / 1000:.3f} contradict each other"
        )
    time_ms, ra, dec, roll, flags = rows[np.append(True, ~repeats)].T.copy()
    try:
        return Aspect(
            time_ms.astype(np.int64), normalised_angle(ra), dec, roll, flags.astype(np.int64)
        )
    except PointingError as error:
        raise PointingError(f"{file}: {error}") from error


def _check_angles(columns: Columns, file: Path) -> None:
    """Refuse angles that are none, in rows that are used: taken modulo 360 they would be any."""
    used = columns["flags"] % 2 == 0
    for name in ("ra", "roll"):
        wild = np.flatnonzero(used & (np.abs(columns[name]) > LARGEST_ANGLE_DEG))
        if wild.size:
            raise PointingError(
                f"{file}: {name} = {columns[name][wild[0]]:g} deg at t = "
                f"{columns['time'][wild[0]]:.3f} is no angle; fetch the file again, or give the "
                "row an odd flag"
            )
