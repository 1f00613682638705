"""The refined aspect of an eclipse: rows of the service into the tables that `aspect` reads.

An eclipse's tables are ``e23456/aspect.parquet`` and ``e23456/boresight.parquet`` below the folder
of pointing files, in the form of the consolidated tables (aspect/consolidated.py).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.aspect.read import eclipse_folder
from gphoton_db.errors import ServiceError
from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.download import only_here
from gphoton_db.ingest.mast.hosts import shown
from gphoton_db.ingest.mast.partial import PART
from gphoton_db.ingest.mast.service import Rows, query_rows
from gphoton_db.system.durable import move_durably
from gphoton_db.system.fetched import describe_fetched, record_fetched

ASPECT, BORESIGHT = "aspect.parquet", "boresight.parquet"

COLUMNS = ("eclipse", "filename", "time", "ra", "dec", "twist", "flag", "ra0", "dec0", "twist0")
"""What is asked for, in this order."""

_NUMBERS = tuple(name for name in COLUMNS if name != "filename")
_LEG_IN_NAME = re.compile(r"-b([0-9]{1,4})-", re.IGNORECASE)

_LAST_TIME_MS = 10**13
_LAST_FLAG = 2**31 - 1
_LARGEST_ANGLE_DEG = 720.0
"""Right ascensions and rolls are taken beyond 0 to 360 deg, but not any number."""

_LONGEST_NAME = 200


@dataclass(frozen=True, eq=False)
class RefinedAspect:
    """The refined aspect of an eclipse, in order of time.

    Parameters
    ----------
    time_ms : (n,) int64
        GALEX time, milliseconds; strictly increasing.
    ra, dec, roll : (n,) float64
        Pointing, deg.
    flags : (n,) int64
        Mission status; odd = not part of the observation.
    leg : (n,) int64
        Index of the row's leg.
    numbers : (m,) int64
        Number of each leg, from 0.
    boresights : (m, 3) float64
        ra0, dec0, roll0 of each leg, deg.
    """

    eclipse: int
    time_ms: NDArray[np.int64]
    ra: NDArray[np.float64]
    dec: NDArray[np.float64]
    roll: NDArray[np.float64]
    flags: NDArray[np.int64]
    leg: NDArray[np.int64]
    numbers: NDArray[np.int64]
    boresights: NDArray[np.float64]


def fetch_pointing(client: Client, eclipse: int, folder: Path) -> bool:
    """Ask for the refined aspect of an eclipse and store it below `folder`, unless it is there.

    Returns
    -------
    bool
        Whether it was fetched; False = it was there.

    Raises
    ------
    ServiceError
        If the service cannot be asked, has none, or its rows contradict each other; or if they
        cannot be stored.  Nothing is stored then.
    """
    target = eclipse_folder(folder, eclipse)
    if (target / ASPECT).exists():
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with only_here(target):
            if (target / ASPECT).exists():
                return False
            store_aspect(query_aspect(client, eclipse), target, shown(client.options.mast_url))
    except OSError as error:
        where = error.filename or target
        raise ServiceError(f"{where}: cannot be written ({error.strerror or error})") from None
    return True


def query_aspect(client: Client, eclipse: int) -> RefinedAspect:
    """Ask the service for the refined aspect of an eclipse.

    Raises
    ------
    ServiceError
        If it cannot be asked, has none, or its rows contradict each other.
    """
    sql = f"select {', '.join(COLUMNS)} from aspect_data where eclipse={eclipse} order by time"
    rows = query_rows(client, sql)
    if not rows:
        raise ServiceError(
            f"the mission archive has no refined aspect of eclipse {eclipse}; the coarse one of "
            "its scst file serves where it is given by its path (--pointing)"
        )
    return aspect_in(rows, eclipse)


def aspect_in(rows: Rows, eclipse: int) -> RefinedAspect:
    """Return the aspect that rows of the service hold, put in order.

    Parameters
    ----------
    rows : list of list
        With `COLUMNS`; times in whole milliseconds.  In any order; a row may be repeated.
    eclipse : int
        The eclipse that was asked for.

    Raises
    ------
    ServiceError
        If a row is of another form or eclipse, two rows of one time differ, or the rows of a leg
        lie among those of another one.
    """
    names, table = _columns(rows, eclipse)
    order = np.argsort(table[:, _at("time")], kind="stable")
    names, table = names[order], table[order]
    repeats = np.diff(table[:, _at("time")]) == 0
    differ = (table[1:] != table[:-1]).any(axis=1) | (names[1:] != names[:-1])
    conflicts = np.flatnonzero(repeats & differ)
    if conflicts.size:
        time = table[conflicts[0], _at("time")] / 1000
        raise _wrong(eclipse, f"has two rows of t = {time:.3f} that contradict each other")
    kept = np.append(True, ~repeats)
    names, table = names[kept], table[kept]
    boresights = table[:, [_at("ra0"), _at("dec0"), _at("twist0")]]
    begins = (boresights[1:] != boresights[:-1]).any(axis=1) | (names[1:] != names[:-1])
    first = np.flatnonzero(np.append(True, begins))
    ra, dec, roll = (table[:, _at(name)].copy() for name in ("ra", "dec", "twist"))
    return RefinedAspect(
        eclipse,
        table[:, _at("time")].astype(np.int64),
        ra,
        dec,
        roll,
        table[:, _at("flag")].astype(np.int64),
        np.append(0, np.cumsum(begins)),
        _numbers(eclipse, names[first].tolist()),
        boresights[first],
    )


def store_aspect(aspect: RefinedAspect, folder: Path, source: str) -> None:
    """Write an eclipse's tables into a folder of their own, as fetched from `source`.

    The aspect comes last: where it is, the boresights are too.

    Raises
    ------
    OSError
        If they cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in ((BORESIGHT, _boresight_table(aspect)), (ASPECT, _aspect_table(aspect))):
        unfinished = folder / f"{name}{PART}"
        pq.write_table(table, unfinished, compression="zstd")
        entry = describe_fetched(unfinished, f"{folder.name}/{name}", source)
        record_fetched(folder.parent, entry)
        move_durably(unfinished, folder / name)


def _aspect_table(aspect: RefinedAspect) -> pa.Table:
    return pa.table(
        {
            "eclipse": np.full(len(aspect.time_ms), aspect.eclipse, np.int64),
            "time": aspect.time_ms / 1000,
            "ra": aspect.ra,
            "dec": aspect.dec,
            "roll": aspect.roll,
            "flags": aspect.flags,
        }
    )


def _boresight_table(aspect: RefinedAspect) -> pa.Table:
    """Return a row a leg: they count from 1 in these tables."""
    first = np.searchsorted(aspect.leg, np.arange(len(aspect.numbers)))
    last = np.append(first[1:], len(aspect.leg)) - 1
    ra0, dec0, roll0 = aspect.boresights.T
    return pa.table(
        {
            "eclipse": np.full(len(first), aspect.eclipse, np.int64),
            "leg": aspect.numbers + 1,
            "time": aspect.time_ms[first] / 1000,
            "duration": (aspect.time_ms[last] - aspect.time_ms[first]) / 1000 + 1.0,
            "ra0": ra0,
            "dec0": dec0,
            "roll0": roll0,
        }
    )


def _at(name: str) -> int:
    return _NUMBERS.index(name)


def _columns(rows: Rows, eclipse: int) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Return the file names, and the numbers as an array with a column for each of `_NUMBERS`."""
    where = COLUMNS.index("filename")
    if any(len(row) != len(COLUMNS) for row in rows):
        raise _wrong(eclipse, f"has a row without the {len(COLUMNS)} columns that were asked for")
    said = [str(row[where] or "").strip() for row in rows]
    if max(map(len, said)) > _LONGEST_NAME:
        raise _wrong(eclipse, f"has a file name of more than {_LONGEST_NAME} characters")
    numbers: list[list[Any]] = [[*row[:where], *row[where + 1 :]] for row in rows]
    try:
        table = np.array(numbers, np.float64)
    except (TypeError, ValueError, OverflowError):
        table = np.empty(0)
    if table.shape != (len(rows), len(_NUMBERS)):
        raise _wrong(eclipse, "has a row with something that is no number")
    whole = table[:, [_at("eclipse"), _at("time"), _at("flag")]]
    if not np.isfinite(table).all() or (whole != np.rint(whole)).any():
        raise _wrong(eclipse, "has a number that is missing, or not whole as it should be")
    if (whole[:, 0] != eclipse).any():
        raise _wrong(eclipse, "has rows of another eclipse")
    if np.abs(table[:, [_at("dec"), _at("dec0")]]).max() > 90:
        raise _wrong(eclipse, "has a declination outside -90..90 deg")
    angles = table[:, [_at(name) for name in ("ra", "twist", "ra0", "twist0")]]
    within = (np.abs(whole) <= (np.inf, _LAST_TIME_MS, _LAST_FLAG)).all()
    if not within or np.abs(angles).max() > _LARGEST_ANGLE_DEG:
        raise _wrong(eclipse, "has a time, flag or angle beyond all bounds")
    return np.array(said), table


def _numbers(eclipse: int, names: list[str]) -> NDArray[np.int64]:
    """Return the number of each leg: what its file's name says (``-b02-``), or else its place."""
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        raise _wrong(eclipse, "mixes the rows of different legs")
    matches = [_LEG_IN_NAME.search(name) for name in names]
    found = [int(match[1]) for match in matches if match]
    if len(found) == len(names) and found == sorted(set(found)):
        return np.array(found, np.int64)
    return np.arange(len(names))


def _wrong(eclipse: int, what: str) -> ServiceError:
    return ServiceError(f"the mission archive's aspect of eclipse {eclipse} {what}")
