"""Refined aspect: ``e#####-bNN-asprta.fits.gz``, one leg a file."""

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from gphoton_db.aspect.attitude_rows import aspect_of
from gphoton_db.aspect.legs import nominal_boresight
from gphoton_db.aspect.pointing import Aspect, Boresight, Leg
from gphoton_db.aspect.tables import FitsTable, read_fits_table
from gphoton_db.errors import PointingError

COLUMNS = ("time", "ra", "dec", "roll", "flags")
"""What HDU 1 must hold; in these files the time is called ``t`` and the flags ``status_flag``."""

_ECLIPSE_IN_NAME = re.compile(r"^e0*(\d+)-", re.IGNORECASE)
_LEG_IN_NAME = re.compile(r"-b(\d+)-", re.IGNORECASE)


def eclipse_in_name(path: Path) -> int | None:
    """Return the eclipse that a mission file's name begins with (``e23456-``), or None."""
    match = _ECLIPSE_IN_NAME.match(path.name)
    return int(match[1]) if match else None


def read_eclipse_table(path: Path, eclipse: int) -> FitsTable:
    """Read the table of a mission file, which says by header or name that it is of an eclipse.

    Raises
    ------
    PointingError
        If the file cannot be read, header or name give another eclipse, or neither gives one.
    """
    table = read_fits_table(path)
    stated = {"header": table.number("ECLIPSE"), "name": eclipse_in_name(table.path)}
    for where, value in stated.items():
        if value is not None and value != eclipse:
            raise PointingError(
                f"{table.path}: its {where} says eclipse {value:.0f}, not {eclipse}; "
                "give the file of the right eclipse"
            )
    if all(value is None for value in stated.values()):
        raise PointingError(
            f"{table.path}: neither header nor name says which eclipse it belongs to; "
            f"rename it to e{eclipse:05d}-... if it is eclipse {eclipse}"
        )
    return table


def read_asprta(path: Path, eclipse: int) -> Leg:
    """Read a refined-aspect file.

    The leg's number is the header's LEG, else that in the file's name (``-b02-`` is leg 2),
    else 0.  Its boresight is the header's RA_CENT, DEC_CENT, ROLL, else the centre of the dither.

    Parameters
    ----------
    path : Path
        The file.
    eclipse : int
        The eclipse that it must belong to, by its header or its name.

    Returns
    -------
    Leg
        All rows of the file, those with odd flags too.

    Raises
    ------
    PointingError
        If the file cannot be read, lacks columns, belongs to another eclipse, or has
        contradictory or impossible rows.
    """
    table = read_eclipse_table(path, eclipse)
    aspect = aspect_of(table.columns(COLUMNS), path)
    number = table.number("LEG")
    if number is None:
        match = _LEG_IN_NAME.search(path.name)
        number = int(match[1]) if match else 0
    if number < 0 or number != int(number):
        raise PointingError(f"{path}: LEG = {number} is no leg; legs count from 0")
    return Leg(int(number), _header_boresight(table, aspect), aspect)


def read_asprta_legs(paths: Iterable[Path], eclipse: int) -> tuple[Leg, ...]:
    """Read the refined-aspect files of one eclipse, a file a leg.

    Returns
    -------
    tuple of Leg
        In order of their numbers.

    Raises
    ------
    PointingError
        As `read_asprta`; and if two files have one leg number, or legs overlap in time or are
        not in order of time.
    """
    read = [(read_asprta(path, eclipse), path) for path in paths]
    read.sort(key=lambda leg_and_path: leg_and_path[0].number)
    for (one, one_path), (other, other_path) in pairwise(read):
        if one.number == other.number:
            raise PointingError(
                f"{one_path} and {other_path} are both leg {one.number} of eclipse {eclipse}; "
                "keep one of them"
            )
        if one.aspect.time_ms[-1] >= other.aspect.time_ms[0]:
            raise PointingError(
                f"{one_path} (leg {one.number}) does not end before {other_path} "
                f"(leg {other.number}) begins; is one of them from another eclipse?"
            )
    return tuple(leg for leg, _ in read)


def _header_boresight(table: FitsTable, aspect: Aspect) -> Boresight:
    ra0, dec0, roll0 = (table.number(keyword) for keyword in ("RA_CENT", "DEC_CENT", "ROLL"))
    try:
        return nominal_boresight(aspect, ra0=ra0, dec0=dec0, roll0=roll0)
    except PointingError as error:
        raise PointingError(f"{table.path}: {error}") from error
