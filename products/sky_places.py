"""Places on the sky, sizes and times as users give them, turned into plain numbers."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from gphoton_db.errors import ProductError
from gphoton_db.products.quantities import degrees_of, is_several, seconds_of
from gphoton_db.query.constants import LATEST_S
from gphoton_db.times import galex_seconds, galex_us

Range = tuple[int, int]
"""From and to (not included), GALEX ms."""

LEAST_RA, LARGEST_RA = -180.0, 360.0
"""Deg, as in SQL: both ways of counting, and nothing that is a slip."""


def position_of(ra: Any, dec: Any = None) -> tuple[float, float]:
    """Return right ascension and declination, deg.

    Parameters
    ----------
    ra : float, Quantity, str, or SkyCoord
        Deg, -180 to 360, or any angle; sexagesimal text, in hours (``21:33:58.3``,
        ``21h33m58.3s``).  A SkyCoord says both, and so does text with both
        (``21:33:58.3 -02:03:50``).
    dec : float, Quantity or str, optional
        Deg, or any angle; sexagesimal text is in degrees.

    Raises
    ------
    ProductError
        If it is no direction.
    """
    if _is_sky_coord(ra):
        if dec is not None or not ra.isscalar:
            raise ProductError("give one position: a SkyCoord of one direction, or ra and dec")
        ra, dec = ra.icrs.ra, ra.icrs.dec
    if dec is None and isinstance(ra, str):
        ra, dec = _split(ra)
    if dec is None:
        raise ProductError("dec is missing: give ra and dec, or a SkyCoord")
    degrees = degrees_of(_read(ra, "ra"), "ra"), degrees_of(_read(dec, "dec"), "dec")
    if not LEAST_RA <= degrees[0] <= LARGEST_RA:
        raise ProductError(f"a right ascension of {degrees[0]:g} deg is outside of -180 to 360")
    if not -90 <= degrees[1] <= 90:
        raise ProductError(f"a declination of {degrees[1]:g} deg is outside of -90 to 90")
    return degrees[0] % 360.0, degrees[1]


def _is_sky_coord(value: Any) -> bool:
    """Return whether a value is a SkyCoord; a number or text is told from one without astropy."""
    if isinstance(value, str | int | float):
        return False
    from astropy.coordinates import SkyCoord

    return isinstance(value, SkyCoord)


def _split(text: str) -> tuple[str, str | None]:
    """Return the two halves of a position in text: the second begins with its sign."""
    words = text.replace(",", " ").split()
    if len(words) not in (2, 6):
        return text, None
    half = len(words) // 2
    return " ".join(words[:half]), " ".join(words[half:])


def _read(angle: Any, name: str) -> Any:
    """Return an angle; of text, what it says."""
    return degrees_in_words(angle, name) if isinstance(angle, str) else angle


def degrees_in_words(text: str, name: str, unit: str = "") -> float:
    """Return what a text says of an angle, deg.

    Parameters
    ----------
    text : str
        A number, or sexagesimal.
    name : str
        ``ra`` or ``dec``.
    unit : str
        Of the text, unless it names one itself; by default numbers are degrees, and sexagesimal
        right ascension is in hours.

    Raises
    ------
    ProductError
        If it is no angle.
    """
    try:
        try:
            number = float(text)
        except ValueError:
            sexagesimal = unit or ("hourangle" if name == "ra" else "deg")
            return _angle_deg(text.strip(), sexagesimal)
        return number if unit in ("", "deg") else _angle_deg(number, unit)
    except (TypeError, ValueError) as error:
        raise ProductError(f"{name} = {text!r} is no angle: {error}") from None


def _angle_deg(value: str | float, unit: str) -> float:
    from astropy.coordinates import Angle  # what takes long to import; plain numbers need it not

    return float(Angle(value, unit=unit).deg)


def extent_of(size: Any) -> tuple[float, float]:
    """Return the width and height of a box, deg.

    Parameters
    ----------
    size : float, Quantity, or a pair of them
        Deg, or any angle: the side of a square, or width and height.

    Raises
    ------
    ProductError
        If a side is no positive number below 90 deg.
    """
    pair = list(size) if is_several(size) else [size, size]
    if len(pair) != 2:
        raise ProductError(f"a box has a width and a height, not {len(pair)} sides")
    width, height = (degrees_of(side, "size") for side in pair)
    for side in (width, height):
        if not 0 < side < 90:
            raise ProductError(
                f"a box with a side of {side:g} deg is empty or too large: give a size in degrees "
                "(or as a quantity), above 0 and below 90"
            )
    return width, height


def ranges_of(time_ranges: Iterable[Any] | None) -> list[Range] | None:
    """Return the time that ranges select: rising, those that overlap or touch joined.

    Parameters
    ----------
    time_ranges : iterable of pairs, or one pair, optional
        From and to (not included): GALEX seconds, astropy Times, or datetimes (UTC without a zone).
        None: all of the time.

    Raises
    ------
    ProductError
        If there are none, or one ends before it begins.
    """
    if time_ranges is None:
        return None
    ranges: list[Range] = []
    for start, stop in _sorted(time_ranges):
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = (ranges[-1][0], max(stop, ranges[-1][1]))
        else:
            ranges.append((start, stop))
    return ranges


def binned_ranges_of(time_ranges: Iterable[Any] | None) -> list[Range] | None:
    """Return ranges that are divided into bins, each by itself: rising, as they were given.

    Parameters
    ----------
    time_ranges : iterable of pairs, optional
        As for `ranges_of`; they may touch.

    Raises
    ------
    ProductError
        If there are none, one ends before it begins, or two overlap.
    """
    if time_ranges is None:
        return None
    ranges = _sorted(time_ranges)
    for (_, stop), (start, end) in pairwise(ranges):
        if start < stop:
            raise ProductError(
                f"time ranges overlap from {start / 1000:.3f} to {min(stop, end) / 1000:.3f} s, so "
                "that photons would count twice: each range has bins of its own, so give ranges "
                "that touch at most"
            )
    return ranges


def _sorted(time_ranges: Iterable[Any]) -> list[Range]:
    """Return ranges in ms, rising; at least one, and none of them empty."""
    ranges = sorted((_ms(a), _ms(b)) for a, b in _pairs(time_ranges))
    for start, stop in ranges:
        if stop <= start:
            raise ProductError(
                f"the time range from {start / 1000:.3f} to {stop / 1000:.3f} s is empty: "
                "give its start first, in GALEX seconds"
            )
    if not ranges:
        raise ProductError("no time range was given: leave time_ranges out to take all")
    return ranges


def galex_seconds_of(time: Any, name: str) -> float:
    """Return a time, GALEX s: a number of them, a quantity, a Time or a datetime.

    Raises
    ------
    ProductError
        If it is none.
    """
    from astropy.time import Time

    return _ms(time) / 1000 if isinstance(time, Time | datetime) else seconds_of(time, name)


def _pairs(time_ranges: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Return ranges of time as pairs; one pair alone is one range."""
    try:
        given = list(time_ranges)
        if len(given) == 2 and not any(is_several(each) for each in given):
            given = [given]
        return [(start, stop) for start, stop in given]
    except (TypeError, ValueError):
        raise ProductError(
            f"{time_ranges!r} is no range of time: give pairs of start and end, in GALEX seconds"
        ) from None


def _ms(time: Any) -> int:
    from astropy.time import Time

    try:
        if isinstance(time, datetime):
            seconds = galex_seconds(time)
        elif isinstance(time, Time):
            seconds = int(galex_us(time)) / 1e6
        else:
            seconds = seconds_of(time, "time")
    except (TypeError, ValueError):
        raise ProductError(f"{time} is no time: give GALEX seconds, or an astropy Time") from None
    if not abs(seconds) <= LATEST_S:
        raise ProductError(f"{time} is no time: give GALEX seconds, or an astropy Time")
    return round(seconds * 1000)
