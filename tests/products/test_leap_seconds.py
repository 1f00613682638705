"""Times on every day of the mission, those with a leap second among them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pytest
from astropy.time import Time
from hypothesis import example, given
from hypothesis import strategies as st

from gphoton_db.products.fits.header import mjd, utc
from gphoton_db.products.lightcurves.times import as_time, barycentric_days
from gphoton_db.products.sky_places import ranges_of
from gphoton_db.query.sql_files import read_sql

DAY_MS = 86_400_000

LEAP_DAYS = ("2005-12-31", "2008-12-31", "2012-06-30")
"""Days of the mission with 86,401 s."""


@pytest.fixture(scope="module")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(read_sql("macros/galex_to_mjd.sql"))
        yield connection


def galex_ms(day: str) -> int:
    """Return the start of a day in GALEX time, by the calendar alone."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return round((start - datetime(1980, 1, 6, tzinfo=UTC)) / timedelta(milliseconds=1))


ON_A_LEAP_DAY = st.builds(
    lambda day, ms: galex_ms(day) + ms, st.sampled_from(LEAP_DAYS), st.integers(0, DAY_MS - 1)
)
MISSION = st.integers(galex_ms("2003-04-28"), galex_ms("2013-07-01"))


def of_text(t_ms: int) -> Time:
    """Return what astropy makes of the calendar's text of a GALEX time."""
    moment = datetime(1980, 1, 6) + timedelta(milliseconds=t_ms)
    return Time(moment.isoformat(timespec="milliseconds"), scale="utc")


@pytest.mark.xfail(strict=True, reason="fractions of 86,400 s are given to astropy as UTC")
@given(t_ms=ON_A_LEAP_DAY | MISSION)
@example(t_ms=galex_ms("2005-12-31") + DAY_MS - 1)
@example(t_ms=galex_ms("2006-01-01"))
def test_times_are_those_of_the_calendar(t_ms: int) -> None:
    time = as_time(np.array([t_ms]))
    assert abs((time[0] - of_text(t_ms)).sec) < 1e-6
    assert time.isot[0] == utc(t_ms).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]


@pytest.mark.xfail(strict=True, reason="days of 86,401 s are taken for days of 86,400 s")
@given(t_ms=ON_A_LEAP_DAY | MISSION)
def test_the_mjd_of_a_header_is_that_of_its_date(t_ms: int) -> None:
    # The last digit of such a number is 0.6 microseconds.
    assert mjd(t_ms) == pytest.approx(of_text(t_ms).mjd, abs=1.5e-11, rel=0)


@pytest.mark.xfail(strict=True, reason="astropy's unix seconds are fractions of the day too")
@given(t_ms=ON_A_LEAP_DAY | MISSION)
def test_ranges_of_times_are_those_of_the_calendar(t_ms: int) -> None:
    ends = of_text(t_ms), of_text(t_ms + 1000)
    assert ranges_of([ends]) == [(t_ms, t_ms + 1000)]


@pytest.mark.xfail(strict=True, reason="the dates are made of such times")
@pytest.mark.parametrize("day", LEAP_DAYS)
def test_barycentric_dates_pass_a_leap_second_as_they_pass_any(day: str) -> None:
    """A source at the pole of the ecliptic, from which the Earth keeps its distance."""
    t_ms = galex_ms(day) + np.array([0, DAY_MS // 2, DAY_MS - 1000, DAY_MS])
    pole = np.array([[0.0, -np.sin(np.radians(23.4393)), np.cos(np.radians(23.4393))]])
    dates = barycentric_days(t_ms, pole)[0]
    # From the day's noon to its last second, and from there two seconds to the next day.
    seconds = np.diff(dates) * 86400
    assert seconds == pytest.approx([43200, 43199, 2], abs=0.05)


@pytest.mark.xfail(strict=True, reason="the macro takes all days for equally long")
@given(t_ms=ON_A_LEAP_DAY | MISSION)
def test_sql_and_python_have_the_same_mjd(macros: duckdb.DuckDBPyConnection, t_ms: int) -> None:
    row = macros.execute("SELECT galex_to_mjd(? / 1000)", [t_ms]).fetchone()
    assert row is not None
    assert row[0] == pytest.approx(of_text(t_ms).mjd, abs=1.5e-11, rel=0)
