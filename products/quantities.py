"""Lengths of time and angles as people give them: numbers in a known unit, or quantities."""

import math
from collections.abc import Sequence
from typing import Any

from gphoton_db.errors import ProductError
from gphoton_db.mission import DETECTOR_PIXEL_DEG

ARCSEC_PER_DETECTOR_PIXEL = DETECTOR_PIXEL_DEG * 3600


def seconds_of(length: Any, name: str) -> float:
    """Return a length of time, s: a number of them, or a quantity.

    Raises
    ------
    ProductError
        If it is none.
    """
    return _number(length, "s", f"{name} = {length!r} is no length of time: give seconds")


def arcsec_of(angle: Any, name: str) -> float:
    """Return an angle, arcsec: a number of them, or a quantity.

    Raises
    ------
    ProductError
        If it is none.
    """
    return _number(angle, "arcsec", f"{name} = {angle!r} is no angle: give arcsec")


def degrees_of(angle: Any, name: str) -> float:
    """Return an angle, deg: a number of them, or a quantity.

    Raises
    ------
    ProductError
        If it is none.
    """
    degrees = _number(angle, "deg", f"{name} = {angle!r} is no angle: give degrees")
    if not math.isfinite(degrees):
        raise ProductError(f"{name} = {angle!r} is no angle: give degrees, or a quantity")
    return degrees


def detector_pixels_of(distance: Any, name: str) -> float:
    """Return a distance on the detector, pixels of 6 arcsec: a number of them, or a quantity.

    It is no whole number, for which a kernel would be compiled anew.

    Raises
    ------
    ProductError
        If it is none.
    """
    wrong = f"{name} = {distance!r} is no distance on the detector: give its pixels of 6 arcsec"
    if _is_angle(distance):
        return _number(distance, "arcsec", wrong) / ARCSEC_PER_DETECTOR_PIXEL
    return float(_number(distance, "pix", wrong))


def edges_of(edges: Sequence[Any], name: str = "edges") -> tuple[float, float]:
    """Return two distances on the detector, pixels; see `detector_pixels_of`.

    Raises
    ------
    ProductError
        If these are not two.
    """
    try:
        wide, narrow = edges
    except (TypeError, ValueError):
        raise ProductError(
            f"{name} = {edges!r}: give two detector radii, the smaller one first"
        ) from None
    return detector_pixels_of(wide, name), detector_pixels_of(narrow, name)


def is_several(value: Any) -> bool:
    """Return whether a value is a list or an array: a number, a Time and a text are not."""
    return not isinstance(value, str) and bool(getattr(value, "shape", hasattr(value, "__len__")))


def settle(options: Any, **values: Any) -> None:
    """Put what was made of a user's values into a frozen dataclass, while it is being made."""
    for name, value in values.items():
        object.__setattr__(options, name, value)


def _number(value: Any, unit: str, wrong: str) -> float:
    """Return a value in a unit."""
    if type(value) in (float, int):
        return value  # type: ignore[no-any-return]
    try:
        return float(value.to_value(unit) if hasattr(value, "to_value") else value)
    except (TypeError, ValueError):  # astropy's errors of units are both
        raise ProductError(f"{wrong}, or a quantity") from None


def _is_angle(value: Any) -> bool:
    return hasattr(value, "unit") and value.unit.is_equivalent("arcsec")
