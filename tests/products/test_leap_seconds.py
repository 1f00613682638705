"""Times on every day of the mission, those with a leap second among them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import duckdb
import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time
from astropy.utils import iers
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gphoton_db.errors import ProductError
from gphoton_db.mission import LEAP_SECOND_DAYS
from gphoton_db.products.lightcurves.times import barycentric_days
from gphoton_db.products.sky_places import ranges_of
from gphoton_db.query.sql_files import read_sql
from gphoton_db.times import as_time, galex_seconds_of_text, galex_us, mjd, utc

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


@settings(deadline=None)
@given(t_ms=ON_A_LEAP_DAY | MISSION)
@example(t_ms=galex_ms("2005-12-31") + DAY_MS - 1)
@example(t_ms=galex_ms("2006-01-01"))
def test_times_are_those_of_the_calendar(t_ms: int) -> None:
    time = as_time(np.array([t_ms * 1000]))
    assert abs((time[0] - of_text(t_ms)).sec) < 1e-6
    assert time.isot[0] == utc(t_ms).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]


@settings(deadline=None)
@given(t_ms=ON_A_LEAP_DAY | MISSION)
def test_the_mjd_of_a_header_is_that_of_its_date(t_ms: int) -> None:
    # The last digit of such a number is 0.6 microseconds.
    assert mjd(t_ms) == pytest.approx(of_text(t_ms).mjd, abs=1.5e-11, rel=0)


@settings(deadline=None)
@given(t_ms=ON_A_LEAP_DAY | MISSION)
def test_ranges_of_times_are_those_of_the_calendar(t_ms: int) -> None:
    ends = of_text(t_ms), of_text(t_ms + 1000)
    assert ranges_of([ends]) == [(t_ms, t_ms + 1000)]


@pytest.mark.parametrize("day", LEAP_DAYS)
def test_barycentric_dates_pass_a_leap_second_as_they_pass_any(day: str) -> None:
    """A source at the pole of the ecliptic, from which the Earth keeps its distance."""
    t_ms = galex_ms(day) + np.array([0, DAY_MS // 2, DAY_MS - 1000, DAY_MS])
    pole = np.array([[0.0, -np.sin(np.radians(23.4393)), np.cos(np.radians(23.4393))]])
    dates = barycentric_days(t_ms, pole)[0]
    # From the day's noon to its last second, and from there two seconds to the next day.
    seconds = np.diff(dates) * 86400
    assert seconds == pytest.approx([43200, 43199, 2], abs=0.05)


@settings(deadline=None)
@given(t_ms=ON_A_LEAP_DAY | MISSION)
def test_sql_and_python_have_the_same_mjd(macros: duckdb.DuckDBPyConnection, t_ms: int) -> None:
    row = macros.execute("SELECT galex_to_mjd(? / 1000)", [t_ms]).fetchone()
    assert row is not None
    assert row[0] == pytest.approx(of_text(t_ms).mjd, abs=1.5e-11, rel=0)


@settings(deadline=None)
@given(t_us=st.integers(galex_ms("1990-01-01") * 1000, galex_ms("2020-01-01") * 1000))
@example(t_us=galex_ms("2012-07-01") * 1000 - 1)
@example(t_us=galex_ms("2012-07-01") * 1000)
def test_times_survive_the_way_there_and_back_to_the_microsecond(t_us: int) -> None:
    time = as_time(t_us)
    assert galex_us(time) == t_us
    for scale in ("tai", "tt", "tdb"):
        assert galex_us(getattr(time, scale)) == t_us


@pytest.mark.parametrize("day", LEAP_DAYS)
def test_a_leap_second_has_the_times_of_the_second_after_it(day: str) -> None:
    """As in Unix time; what UTC makes of such a time is of the next day."""
    leap_second = Time(f"{day}T23:59:60.25", scale="utc")
    next_day = galex_ms(day) + DAY_MS
    assert galex_us(leap_second) == next_day * 1000 + 250_000
    assert galex_us(leap_second + 1 * u.s) == galex_us(leap_second)
    assert as_time(next_day * 1000).isot.endswith("01T00:00:00.000")
    stamp = datetime.fromisoformat(day).strftime("%y%m%dT235960Z")
    assert galex_seconds_of_text(stamp, "%y%m%dT%H%M%SZ") == next_day / 1000


def test_a_time_that_is_none_has_no_galex_time() -> None:
    with pytest.raises(ValueError, match="masked or not finite"):
        galex_us(Time(np.ma.array([54000.0, 55000.0], mask=[True, False]), format="mjd"))
    with pytest.raises(ProductError, match="is no time"):
        ranges_of([(as_time(np.array([0, 1])), 1.0)])


def test_datetimes_are_times_too() -> None:
    zone = timezone(timedelta(hours=-7))
    ends = datetime(2007, 9, 20, 15, 7, 20, 995000, zone), datetime(2007, 9, 20, 22, 8)
    assert ranges_of([ends]) == [(874361240995, 874361280000)]


def test_the_leap_seconds_are_those_that_astropy_knows() -> None:
    known = iers.LeapSeconds.open(iers.IERS_LEAP_SECOND_FILE)
    # A day that is followed by a step of TAI - UTC.
    steps = {round(float(mjd_of_day)) - 1 for mjd_of_day in known["mjd"] if mjd_of_day > 44244}
    assert set(LEAP_SECOND_DAYS) == steps
    for number in LEAP_SECOND_DAYS:
        assert str(number) in read_sql("macros/galex_to_mjd.sql")
