"""A table of somebody else's positions, as it is matched: proper motions, epochs, names."""

import logging
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import normalised_angle, unit_vectors
from gphoton_db.products.apertures.catalogs import positions_in, read_table
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.objects.reference_columns import (
    FASTEST,
    FIRST_YEAR,
    LAST_YEAR,
    epochs_of,
    mas_per_year,
    motion_columns,
    names_of,
)

logger = logging.getLogger(__name__)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class RowFlag(IntFlag):
    """What is wrong with a row of a table; 0: nothing."""

    NO_POSITION = 1
    """Not matched: right ascension or declination is missing, or no angle on the sky."""
    DUPLICATE = 2
    """Not matched: an earlier row has the very same position."""
    NO_MOTION = 4
    """Stays where it is: its proper motion is missing, or faster than any star's."""
    NO_EPOCH = 8
    """Stays where it is: its epoch is missing, or no year."""


@dataclass(frozen=True, eq=False)
class ReferenceTable:
    """Positions, in the order of the rows of a table.

    Parameters
    ----------
    ra, dec : (n,) float64
        Deg, at the epoch; NaN where there is none.
    pm_ra, pm_dec : (n,) float64
        Proper motion to the east along a great circle and to the north, mas/yr; 0 where it is
        not known.
    epoch : (n,) float64
        Years.
    names : (n,) array of str
        Of the rows; their numbers where the table has no names.
    flags : (n,) int64
        `RowFlag` of each.
    moves : bool
        Whether the table has proper motions.
    source : str
        What the table is called in messages.
    """

    ra: Floats
    dec: Floats
    pm_ra: Floats
    pm_dec: Floats
    epoch: Floats
    names: NDArray[Any]
    flags: Ints
    moves: bool
    source: str

    def __len__(self) -> int:
        return len(self.ra)

    @property
    def rows(self) -> Ints:
        """Those that are matched: with a position, and not the second of one."""
        left_out = int(RowFlag.NO_POSITION | RowFlag.DUPLICATE)
        return np.flatnonzero((self.flags & left_out) == 0)

    def at(self, year: float, rows: Ints) -> tuple[Floats, Floats]:
        """Return where some rows are in a year, deg: on great circles, so right at the poles."""
        ra, dec = self.ra[rows], self.dec[rows]
        if not self.moves:
            return ra, dec
        a, d = np.radians(ra), np.radians(dec)
        east = np.column_stack([-np.sin(a), np.cos(a), np.zeros(len(a))])
        north = np.column_stack([-np.sin(d) * np.cos(a), -np.sin(d) * np.sin(a), np.cos(d)])
        radians = np.radians((year - self.epoch[rows]) / 3.6e6)
        way = (self.pm_ra[rows] * radians)[:, None] * east
        way += (self.pm_dec[rows] * radians)[:, None] * north
        x, y, z = (unit_vectors(ra, dec) + way).T
        moved = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
        return normalised_angle(moved[0]), np.asarray(moved[1])

    def farthest(self, year: float) -> float:
        """Return the longest way of a row from its epoch to a year, arcsec."""
        if not self.moves or not len(self):
            return 0.0
        return float((np.hypot(self.pm_ra, self.pm_dec) * np.abs(year - self.epoch)).max()) / 1e3


def read_reference(table: Any, *, epoch: Any = None, pm: Any = None) -> ReferenceTable:
    """Return a table, or a file of one, as it is matched.  What is wrong with rows is logged.

    Parameters
    ----------
    table : str, Path, astropy Table, pandas DataFrame, or pyarrow Table
        Has columns of right ascension and declination (see `position_columns.PAIRS`), and may have
        proper motions, epochs and names (see `reference_columns`).
    epoch : float, Time, or str, optional
        Year of the positions, or the name of a column of years; None: as the table says.
    pm : bool or (str, str), optional
        Whether proper motions are applied, or the names of their columns; None: if there are any.

    Raises
    ------
    ProductError
        If it cannot be read, or columns or an epoch that are asked for are not there.
    """
    source = "the table"
    if isinstance(table, str | Path):
        source = str(table)
        table = read_table(Path(table).expanduser())
    targets = Targets.of(*positions_in(table, source))
    n = len(targets)
    flags = np.where(np.isnan(targets.ra), int(RowFlag.NO_POSITION), 0)
    flags[_again(targets)] |= int(RowFlag.DUPLICATE)
    motion = np.zeros((2, n))
    columns = motion_columns(table, pm, source)
    epochs = epochs_of(table, epoch, source, needed=columns is not None)
    if columns is not None:
        motion = np.array([mas_per_year(column, source) for column in columns]).reshape(2, n)
        wrong = ~(np.hypot(*motion) <= FASTEST)
        flags[wrong] |= int(RowFlag.NO_MOTION)
        late = ~((epochs >= FIRST_YEAR) & (epochs <= LAST_YEAR))
        flags[late] |= int(RowFlag.NO_EPOCH)
        motion[:, wrong | late] = 0.0
        epochs = np.where(late, 2000.0, epochs)
    _say(flags, source)
    return ReferenceTable(
        targets.ra,
        targets.dec,
        motion[0],
        motion[1],
        epochs,
        names_of(table, n, source),
        flags,
        columns is not None,
        source,
    )


def _again(targets: Targets) -> Ints:
    """Return the rows with the position of an earlier row."""
    order = np.lexsort((targets.dec, targets.ra))
    ra, dec = targets.ra[order], targets.dec[order]
    again: Ints = order[1:][(ra[1:] == ra[:-1]) & (dec[1:] == dec[:-1])]
    return again


def _say(flags: Ints, source: str) -> None:
    """Log how many rows have what is wrong with them."""
    what = {
        RowFlag.NO_POSITION: "have no position and are left out",
        RowFlag.DUPLICATE: "have the position of an earlier row and are left out",
        RowFlag.NO_MOTION: "have no possible proper motion and stay where they are",
        RowFlag.NO_EPOCH: f"have no epoch from {FIRST_YEAR:.0f} to {LAST_YEAR:.0f} and stay where "
        "they are",
    }
    for flag, text in what.items():
        n = int(np.count_nonzero(flags & int(flag)))
        if n:
            logger.warning("%s: %d of %d rows %s", source, n, len(flags), text)
