"""What macros take for a time or a number: nothing is cast to something else in silence."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gphoton_db.query.sql_files import read_sql
from tests.examples import examples
from tests.sql.reference import rows_of

ZONES = ("UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland")

MOMENT = 874361240.995
"""2007-09-20T22:07:20.995Z."""


@pytest.fixture(scope="module", params=ZONES)
def macros(request: pytest.FixtureRequest) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database without an archive, in a session of some time zone."""
    with duckdb.connect() as connection:
        connection.execute(read_sql("macros/utc_to_galex.sql"))
        connection.execute(f"SET TimeZone = '{request.param}'")
        yield connection


def seconds(macros: duckdb.DuckDBPyConnection, expression: str, *values: Any) -> Any:
    (row,) = macros.execute(f"SELECT utc_to_galex({expression})", list(values)).fetchall()
    return row[0]


@pytest.mark.parametrize(
    "text",
    [
        "2007-09-20 22:07:20.995",
        "2007-09-20T22:07:20.995",
        "2007-09-20T22:07:20.995Z",
        "2007-09-20 22:07:20.995 UTC",
        "2007-09-20T22:07:20.995+00",
        "2007-09-20T15:07:20.995-07:00",
        "2007-09-20 15:07:20.995-07",
        "2007-09-21T03:37:20.995+05:30",
        "2007-09-20 18:07:20.995 America/New_York",
    ],
)
def test_the_zone_of_a_text_counts(macros: duckdb.DuckDBPyConnection, text: str) -> None:
    assert seconds(macros, "?", text) == MOMENT
    assert seconds(macros, f"'{text}'") == MOMENT


def test_an_instant_is_the_same_in_every_session() -> None:
    here = timezone(timedelta(hours=-7))
    for zone in ZONES:
        with duckdb.connect() as connection:
            connection.execute(read_sql("macros/utc_to_galex.sql"))
            connection.execute(f"SET TimeZone = '{zone}'")
            moment = datetime(2007, 9, 20, 15, 7, 20, 995000, here)
            assert seconds(connection, "?", moment) == MOMENT
            assert seconds(connection, "'2007-09-20 15:07:20.995-07'::TIMESTAMPTZ") == MOMENT


def test_what_has_no_zone_is_utc(macros: duckdb.DuckDBPyConnection) -> None:
    assert seconds(macros, "?", datetime(2007, 9, 20, 22, 7, 20, 995000)) == MOMENT
    for kind in ("TIMESTAMP", "TIMESTAMP_MS", "TIMESTAMP_NS"):
        assert seconds(macros, f"'2007-09-20 22:07:20.995'::{kind}") == MOMENT
    assert seconds(macros, "'2007-09-20 22:07'") == MOMENT - 20.995
    for day in ("'2007-09-20'", "'2007-09-20'::DATE", "date '2007-09-20'"):
        assert seconds(macros, day) == 874281600
    assert seconds(macros, "?", date(2007, 9, 20)) == 874281600
    assert seconds(macros, "NULL") is None


def test_a_leap_second_is_the_second_after_it(macros: duckdb.DuckDBPyConnection) -> None:
    assert seconds(macros, "'2005-12-31T23:59:60.5Z'") == 820108800.5
    assert seconds(macros, "'2005-12-31 15:59:60.5-08:00'") == 820108800.5
    with pytest.raises(duckdb.ConversionException):
        seconds(macros, "'2005-12-31T23:59:61'")


@settings(max_examples=examples(10), deadline=None)  # in each zone
@given(
    moment=st.datetimes(datetime(2003, 1, 1), datetime(2013, 12, 31)),
    offset=st.integers(-14 * 60, 14 * 60),
)
def test_text_means_what_python_reads_in_it(
    macros: duckdb.DuckDBPyConnection, moment: datetime, offset: int
) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    expected = (aware - datetime(1980, 1, 6, tzinfo=UTC)) / timedelta(seconds=1)
    found = seconds(macros, "?", aware.isoformat())
    assert found == pytest.approx(expected, abs=1e-6, rel=0)


FRACTIONS = {
    "exposure('23500.4', 'NUV', 0, 874361000, 874362000)": "eclipse = 23500.4",
    "exposure(23500, 'NUV', '0.4', 874361000, 874362000)": "leg = 0.4",
    "exposure(23500, 'NUV', 0.4, 874361000, 874362000)": "leg = 0.4",
    "exposure_bins('23500.4', 'NUV', 0)": "eclipse = 23500.4",
    "exposure_bins(23499.6, 'NUV', 0)": "eclipse = 23499.6",
    "count_rate(23500, 'NUV', '0.4')": "leg = 0.4",
    "image_bins('23500.4', 'NUV', 0)": "eclipse = 23500.4",
    "count_rate(23500, 'NUV', true)": "leg = true",
    "exposure_bins(23500, 'NUV', 0, step := true)": "step = true: give seconds",
    "lightcurve(323.51, -1.99, step := true)": "step = true: give seconds",
}


@pytest.mark.parametrize("call", FRACTIONS)
def test_what_is_no_whole_number_is_an_error(call: str, sky: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error) as caught:
        sky.execute(f"FROM {call}").fetchall()
    assert FRACTIONS[call] in str(caught.value)


@pytest.mark.parametrize(
    "eclipse", ["23500", "'23500'", "23500.0", "23500::DOUBLE", "23500::USMALLINT"]
)
def test_a_whole_number_may_be_of_any_type(eclipse: str, sky: duckdb.DuckDBPyConnection) -> None:
    plain = rows_of(sky, "FROM exposure_bins(23500, 'NUV', 0)")
    assert plain
    assert rows_of(sky, f"FROM exposure_bins({eclipse}, 'NUV', 0)") == plain
    assert rows_of(sky, f"SELECT bin FROM (SELECT x AS bin FROM image_bins({eclipse}, 'NUV', 0))")
