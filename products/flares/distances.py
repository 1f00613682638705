"""Distances of stars: as a user gives them, or from columns of a table."""

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.position_columns import (
    TableColumn,
    column_names,
    named_column,
    numbers_of,
)

logger = logging.getLogger(__name__)

Floats = NDArray[np.float64]

PARALLAXES = ("parallax", "plx", "plx_value")
DISTANCES = ("distance", "distance_gspphot", "dist", "r_est")
ERRORS = ("{}_error", "{}_err", "e_{}")
"""What columns of parallaxes (mas), of distances (pc) and of their errors are called, in any
case."""

WORST = 0.5
"""A parallax whose relative error is larger tells no distance."""


def distance_given(distance: Any, parallax: Any) -> tuple[float, float] | None:
    """Return the distance that a user gave, and its error, pc; None: none was given.

    Raises
    ------
    ProductError
        If it is no length, or not above 0.
    """
    if distance is not None:
        return _pair(distance, "pc", "distance")
    if parallax is None:
        return None
    mas, mas_err = _pair(parallax, "mas", "parallax")
    return 1000.0 / mas, 1000.0 / mas**2 * mas_err


def _pair(value: Any, unit: str, name: str) -> tuple[float, float]:
    several = isinstance(value, tuple | list)
    parts = list(value) if several else [value]
    wrong = f"{name} = {value!r}: give a number above 0 ({unit}), or a pair with its error"
    try:
        numbers = [float(p.to_value(unit) if hasattr(p, "to_value") else p) for p in parts]
    except (TypeError, ValueError) as error:
        raise ProductError(f"{wrong} ({error})") from None
    if len(numbers) not in (1, 2) or not 0 < numbers[0] < np.inf:
        raise ProductError(wrong)
    if len(numbers) == 2 and not 0 <= numbers[1] < np.inf:
        raise ProductError(wrong)
    return numbers[0], numbers[1] if len(numbers) == 2 else float("nan")


def distances_in(table: Any, n: int, source: str) -> tuple[Floats, Floats]:
    """Return the distance of each row of a table, and its error, pc; NaN where it has none.

    Parallaxes count before distances.  One that is not above 0, or whose error is above half of
    it, tells no distance.

    Raises
    ------
    ProductError
        If a column holds no lengths, or no parallaxes.
    """
    unknown = np.full(n, np.nan)
    there = {name.strip().lower() for name in column_names(table)}
    for names, unit in ((PARALLAXES, "mas"), (DISTANCES, "pc")):
        name = next((each for each in names if each in there), None)
        if name is None:
            continue
        values = _numbers(named_column(table, name, source), unit, source)
        error = next((e.format(name) for e in ERRORS if e.format(name) in there), None)
        errors = unknown
        if error is not None:
            errors = _numbers(named_column(table, error, source), unit, source)
        good = values > 0
        if unit == "mas":
            good &= ~(errors > WORST * values)
            with np.errstate(divide="ignore", invalid="ignore"):
                values, errors = 1000.0 / values, 1000.0 / values**2 * errors
        if not good.all():
            logger.warning(
                "%s: %d of %d rows have no %s that tells a distance: their flares have no energy",
                *(source, int((~good).sum()), n, name),
            )
        return np.where(good, values, np.nan), np.where(good, errors, np.nan)
    return unknown, unknown


def _numbers(column: TableColumn, unit: str, source: str) -> Floats:
    from astropy.units import Unit

    text = column.unit.strip(" '\"[]")
    try:
        factor = Unit(text).to(unit) if text else 1.0
        return np.asarray(numbers_of(column) * factor, np.float64)
    except (ValueError, TypeError):
        raise ProductError(
            f"{source}: column {column.name} is in {text or 'no unit'}: give it in {unit}"
        ) from None
