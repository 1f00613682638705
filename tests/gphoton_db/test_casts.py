"""Times in words, sessions and imported tables: nothing is cast to something else in silence."""

from datetime import datetime, timedelta, timezone
from typing import Any

import duckdb
import pytest

from gphoton_db.errors import ProductError
from gphoton_db.products.found_visits import moment_of
from gphoton_db.query.named import parse_query
from gphoton_db.query.query import fetch, prepare_session
from gphoton_db.query.sql_files import read_sql

AT_SEVEN = timezone(timedelta(hours=-7))

SINCE = """-- What it was given.
--
-- parameters:
--   since    TIMESTAMP  a time
SELECT $since AS since;
"""


@pytest.mark.parametrize(
    "since",
    [
        "2007-09-20T15:07:20-07:00",
        "2007-09-20T22:07:20Z",
        datetime(2007, 9, 20, 15, 7, 20, 0, AT_SEVEN),
    ],
)
def test_a_time_with_a_zone_is_utc_for_a_named_query(since: Any) -> None:
    query = parse_query("since", SINCE, "since.sql")
    assert query.values({"since": since})["since"] == datetime(2007, 9, 20, 22, 7, 20)


def test_instants_are_utc_in_queries_on_the_archive() -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/Los_Angeles'")
        prepare_session(connection)
        moment = datetime(2007, 9, 20, 15, 7, 20, tzinfo=AT_SEVEN)
        (row,) = fetch(connection, "SELECT ?::TIMESTAMP AS moment", [moment]).rows()
    assert row["moment"] == datetime(2007, 9, 20, 22, 7, 20)


@pytest.mark.parametrize("text", ["2005-12-31T23:59:60", "2005-12-31 15:59:60-08:00"])
def test_a_leap_second_is_the_second_after_it(text: str) -> None:
    assert moment_of(text) == datetime(2006, 1, 1)


@pytest.mark.parametrize("text", ["2005-12-31T12:59:60", "2005-12-31T23:59:61", "23:59:60"])
def test_no_other_second_is_60(text: str) -> None:
    with pytest.raises(ProductError, match="is no time"):
        moment_of(text)


COLUMNS = {
    "aspect": '"time", ra, "dec", roll, flags, hvnom_nuv, hvnom_fuv',
    "boresight": 'leg, "start", ra0, dec0, roll0',
    "metadata": "visit, plan_id, planned_legs, eclipse_start, eclipse_duration, nuv_det_on_time, "
    "fuv_det_on_time, nuv_det_temp, fuv_det_temp, nuv_tdc_temp, fuv_tdc_temp",
    "leg-aperture": "leg",
}
TEXT = {
    "metadata": "'AIS' AS plan_type, 'x' AS plan_subtype",
    "leg-aperture": ", ".join(
        f"'a'::BLOB AS {name}" for name in ("partial", "full_400", "full_370", "full_350")
    ),
}


def imported(table: str, eclipse: float, other: float = 1.0) -> list[Any]:
    """Return what the import of a table makes of a row, all of whose numbers are `other`."""
    numbers = ", ".join(f"{other}::DOUBLE AS {name}" for name in COLUMNS[table].split(", "))
    texts = f", {TEXT[table]}" if table in TEXT else ""
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE TABLE given AS SELECT {eclipse}::DOUBLE AS eclipse, {numbers}{texts}"
        )
        return connection.execute(read_sql(f"imports/{table}.sql")).fetchall()


@pytest.mark.parametrize("table", COLUMNS)
def test_a_row_of_a_whole_eclipse_is_imported(table: str) -> None:
    (row,) = imported(table, 23456)
    assert row[0] == 23456


@pytest.mark.parametrize("table", COLUMNS)
def test_a_row_of_a_fraction_of_an_eclipse_is_of_none(table: str) -> None:
    assert imported(table, 23456.6) == []


def test_fractions_of_what_is_counted_are_not_known() -> None:
    (row,) = imported("metadata", 23456, 2.5)
    assert row[3:6] == (None, None, None)
    assert imported("boresight", 23456, 1.5) == []
    assert imported("leg-aperture", 23456, 1.5) == []
