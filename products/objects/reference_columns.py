"""Columns of proper motions, epochs and names in tables of positions of any kind."""

import logging
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.position_columns import (
    TableColumn,
    column_names,
    named_column,
    numbers_of,
    plain_values,
)

logger = logging.getLogger(__name__)

Floats = NDArray[np.float64]

PROPER_MOTIONS = (
    *(("pmra", "pmdec"), ("pmra", "pmde"), ("pm_ra", "pm_dec"), ("pm_ra_cosdec", "pm_dec")),
    *(("pm_ra_cosdec", "pm_de"), ("pmracosdec", "pmdec"), ("pmra_cosdec", "pmdec")),
)
"""What the columns of proper motion are called, in any case; to the east along a great circle."""

EPOCHS = ("ref_epoch", "epoch", "refepoch", "pos_epoch")
NAMES = ("source_id", "designation", "main_id", "name", "source", "id", "objid", "obj_id")
"""What columns of epochs and of names are called, in any case; the first one counts."""

FIRST_YEAR, LAST_YEAR = 1850.0, 2150.0
"""Years that are epochs; other numbers are days, seconds or sentinels."""

FASTEST = 15_000.0
"""Proper motion, mas/yr, that no star has: Barnard's star has 10,390."""

WRONG_EPOCH = "give a year such as 2016.0, a Time, or the name of a column of years"


def motion_columns(table: Any, pm: Any, source: str) -> tuple[TableColumn, TableColumn] | None:
    """Return the columns of proper motion; None: they are not applied."""
    if pm is False:
        return None
    there = {name.strip().lower() for name in column_names(table)}
    if pm is None or pm is True:
        pair = next((pair for pair in PROPER_MOTIONS if there.issuperset(pair)), None)
        if pair is None and pm:
            raise ProductError(
                f"{source}: has no columns of proper motion ({', '.join(PROPER_MOTIONS[0])}, ...): "
                "name them, or leave pm out"
            )
        if pair is None:
            half = sorted(there.intersection(chain(*PROPER_MOTIONS)))
            if half:
                logger.warning(
                    "%s: has %s without the other axis: no proper motion is applied",
                    *(source, ", ".join(half)),
                )
            return None
    else:
        pair = (str(pm[0]).strip().lower(), str(pm[1]).strip().lower()) if len(pm) == 2 else pm
        if isinstance(pm, str) or len(pm) != 2 or not there.issuperset(pair):
            raise ProductError(
                f"{source}: pm = {pm!r} names no two of its columns "
                f"({', '.join(column_names(table))})"
            )
    east, north = (named_column(table, name, source) for name in pair)
    return east, north


def mas_per_year(column: TableColumn, source: str) -> Floats:
    """Return a column of proper motion, mas/yr; NaN where it has none."""
    from astropy.units import Unit

    text = column.unit.strip(" '\"[]").replace("year", "yr").replace("/a", "/yr")
    try:
        factor = Unit(text).to("mas/yr") if text else 1.0
        return numbers_of(column) * factor
    except (ValueError, TypeError):
        raise ProductError(
            f"{source}: column {column.name} is in {text or 'no unit'} and no proper motion: give "
            "it in mas/yr along a great circle, name other columns, or say that none is applied"
        ) from None


def epochs_of(table: Any, epoch: Any, source: str, *, needed: bool) -> Floats:
    """Return the epoch of each row, years; NaN where there is none."""
    from astropy.time import Time

    n = len(table)
    if epoch is None or (isinstance(epoch, str) and not _is_date(epoch)):
        wanted = EPOCHS if epoch is None else (epoch.strip().lower(),)
        there = {name.strip().lower() for name in column_names(table)}
        name = next((name for name in wanted if name in there), None)
        if name is not None:
            column = named_column(table, name, source)
            values = column.values
            if isinstance(values, Time):
                return np.asarray(values.jyear, np.float64)
            try:
                return numbers_of(column)
            except (ValueError, TypeError):
                raise ProductError(
                    f"{source}: column {column.name} does not hold years: {WRONG_EPOCH}"
                ) from None
        if epoch is not None or needed:
            what = "has proper motions, and does not say of which epoch its positions are"
            if epoch is not None:
                what = f"has no column {epoch}"
            raise ProductError(f"{source}: {what}: {WRONG_EPOCH}, or apply no proper motion")
        return np.full(n, 2000.0)
    return np.full(n, year_of(epoch))


def year_of(epoch: Any) -> float:
    """Return an epoch as a Julian year.

    Raises
    ------
    ProductError
        If it is none.
    """
    from astropy.time import Time

    try:
        if isinstance(epoch, str):
            epoch = float(epoch) if _is_number(epoch) else Time(epoch)
        year = float(epoch.jyear if isinstance(epoch, Time) else epoch)
    except (ValueError, TypeError):
        raise ProductError(f"epoch = {epoch!r} is no epoch: {WRONG_EPOCH}") from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ProductError(f"epoch = {epoch!r} is no year: {WRONG_EPOCH}")
    return year


def _is_number(text: str) -> bool:
    return text.strip().replace(".", "", 1).isdigit()


def _is_date(text: str) -> bool:
    return any(character.isdigit() for character in text) and text.strip()[:1] in "0123456789JB"


def names_of(table: Any, n: int, source: str) -> NDArray[Any]:
    """Return what the rows are called."""
    there = {name.strip().lower() for name in column_names(table)}
    name = next((name for name in NAMES if name in there), None)
    if name is None:
        return np.arange(n).astype(str)
    values, _ = plain_values(named_column(table, name, source))
    if values.dtype.kind == "S":
        return np.char.decode(values, "utf-8", "replace")
    return values.astype(str)
