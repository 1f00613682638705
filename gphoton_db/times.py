"""GALEX time as other times, and back: astropy's `Time`, the calendar, modified Julian dates.

GALEX time counts no leap seconds, as Unix time does: every day has 86,400 s of it.  UTC has days
of 86,401 s, so that a fraction of a day means different things in the two.  All conversions go
through the functions here, which count whole days and seconds of the day.

A leap second (23:59:60) has the GALEX times of the second after it, 00:00:00 of the next day, as
it has in Unix time: nothing tells the two apart.  As UTC such a time is of the next day, so that
23:59:60 is never a result.
"""

import calendar
import re
import time as calendar_time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gphoton_db.mission import GALEX_TO_UNIX_S, LEAP_SECOND_DAYS, MJD_OF_GALEX_ZERO

if TYPE_CHECKING:
    from astropy.time import Time

_US_IN_S = 1_000_000
_US_IN_DAY = 86_400 * _US_IN_S
_MJD_TO_JD = 2_400_000.5
_SECOND_60 = re.compile(r"(:\d\d):60(?!\d)")
_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)


def as_time(t_us: ArrayLike) -> "Time":
    """Return GALEX times as astropy Times (UTC).

    Parameters
    ----------
    t_us : int64, any shape
        Microseconds.

    Returns
    -------
    Time
        Of the same shape, to far better than a microsecond on any day.
    """
    from astropy.time import Time

    days, rest = np.divmod(np.asarray(t_us, np.int64), _US_IN_DAY)
    mjd_of_day = MJD_OF_GALEX_ZERO + days
    time = Time(mjd_of_day, rest / _length_us(mjd_of_day), format="mjd", scale="utc")
    time.format = "isot"
    return time


def galex_us(time: "Time") -> NDArray[np.int64]:
    """Return astropy Times of any scale as GALEX times.

    Returns
    -------
    int64, of the shape of `time`
        Microseconds: what `as_time` takes.

    Raises
    ------
    ValueError
        If one is masked or not finite.
    """
    utc_time = time.utc
    jd1, jd2 = np.asarray(utc_time.jd1, float), np.asarray(utc_time.jd2, float)
    if not np.isfinite(jd1 + jd2).all() or np.any(getattr(time, "mask", False)):
        raise ValueError("a time is masked or not finite")
    # Whole days and what is left of the two parts, without rounding anything off.
    whole = np.floor(jd1 - _MJD_TO_JD)
    rest = (jd1 - _MJD_TO_JD - whole) + jd2
    days = whole + np.floor(rest)
    microseconds = (rest - np.floor(rest)) * _length_us(days.astype(np.int64))
    return np.asarray(
        (days.astype(np.int64) - MJD_OF_GALEX_ZERO) * _US_IN_DAY
        + np.rint(microseconds).astype(np.int64)
    )


def mjd(t_ms: int) -> float:
    """Return a GALEX time, ms, as modified Julian date (UTC): that of astropy, days."""
    days, rest = divmod(t_ms * 1000, _US_IN_DAY)
    mjd_of_day = MJD_OF_GALEX_ZERO + days
    return mjd_of_day + rest / int(_length_us(mjd_of_day))


def utc(t_ms: int) -> datetime:
    """Return a GALEX time, ms, as UTC by the calendar, to which no second is 60."""
    return _EPOCH + timedelta(milliseconds=t_ms)


def galex_seconds(moment: datetime) -> float:
    """Return a moment as GALEX time, s; without a zone it is UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) / timedelta(microseconds=1) / _US_IN_S


def utc_moment(time: str | datetime) -> datetime:
    """Return a time as UTC without a zone, as the catalogue has it.

    Parameters
    ----------
    time : str or datetime
        ISO 8601; without a zone it is UTC.  A leap second is the second after it.

    Raises
    ------
    ValueError
        If it is no time.
    """
    if isinstance(time, datetime):
        moment, leap = time, timedelta(0)
    else:
        text, n_leap = _SECOND_60.subn(r"\1:59", time.strip())
        moment, leap = datetime.fromisoformat(text), timedelta(seconds=n_leap)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    if leap and (moment.hour, moment.minute, moment.second) != (23, 59, 59):
        raise ValueError("only the last second of a day is 60")
    return moment + leap


def galex_seconds_of_text(text: str, form: str) -> float:
    """Return a time in text (UTC) as GALEX time, s.

    Parameters
    ----------
    text : str
        The time, in whole seconds; of 60 in the case of a leap second.
    form : str
        Its form, as ``time.strptime`` has it.

    Raises
    ------
    ValueError
        If the text is no such time.
    """
    return float(calendar.timegm(calendar_time.strptime(text, form)) - GALEX_TO_UNIX_S)


def _length_us(mjd_of_day: Any) -> Any:
    """Return how many microseconds of UTC days have."""
    return _US_IN_DAY + _US_IN_S * np.isin(mjd_of_day, LEAP_SECOND_DAYS)
