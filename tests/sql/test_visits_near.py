"""What is asked of a position, by the index, is what a look at all legs and visits finds."""

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gphoton_db.query.named import load_query
from tests.examples import deep, examples
from tests.sql.made_legs import (
    POSITIONS,
    add,
    changing,
    empty_catalogue,
    leg_at,
    legs_everywhere,
)
from tests.sql.reference import rows_of

EVERY_VISIT = """
WITH place AS (
    SELECT $ra::DOUBLE AS ra, $dec::DOUBLE AS dec
), here AS (
    SELECT legs.*, haversine(place.ra, place.dec, ra0, dec0) <= sin(radians(radius) / 2) ^ 2 AS near
    FROM legs, place
), visit AS (
    SELECT eclipse, leg, any_value(ra0) AS ra0, any_value(dec0) AS dec0 FROM here WHERE near
    GROUP BY ALL
    UNION ALL
    SELECT eclipse, leg, ra0, dec0 FROM boresights, place
    WHERE haversine(place.ra, place.dec, ra0, dec0) <= sin(radians(0.65) / 2) ^ 2
    AND (eclipse, leg) NOT IN (SELECT (eclipse, leg) FROM legs)
)
SELECT visit.eclipse, band, visit.leg, here.eclipse IS NOT NULL AS ingested,
    coalesce(here.ra0, visit.ra0) AS ra0, coalesce(here.dec0, visit.dec0) AS dec0
FROM visit CROSS JOIN (VALUES ('NUV'), ('FUV')) AS each(band)
LEFT JOIN here USING (eclipse, leg, band)
WHERE coalesce(near, true)
ORDER BY ALL
"""

LEGS = 600 if deep() else 200

OF_POSITION = """
SELECT eclipse, band, leg, exposure FROM visits
WHERE separation(ra0, dec0, $ra, $dec) / 3600 <= radius + $reach / 3600
ORDER BY ALL
"""


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Legs all over the sky, and boresights of these, and of others that were not ingested."""
    legs = legs_everywhere(LEGS)
    with empty_catalogue(tmp_path_factory.mktemp("visits")) as connection:
        with changing(connection):
            # Planned at the pole, and seen at RA 0.
            add(connection, [*legs, leg_at(200000, 0.0, 0.0), leg_at(200000, 0.2, 0.1, leg=1)])
        planned = [(200000, 0, 0.0, 90.0), (200000, 2, 0.0, 90.0)]
        for k, leg in enumerate(legs):
            number = leg.eclipse if k % 3 else leg.eclipse + 300_000
            planned.append((number, k % 2, (leg.ra0 + 0.1) % 360, leg.dec0))
        rows = ", ".join(
            f"({number}, {leg}, {ra}, {dec}, 0, 9e8)" for number, leg, ra, dec in planned
        )
        connection.execute(f"INSERT INTO boresights VALUES {rows}")
        yield connection


@settings(max_examples=examples(5), deadline=None)
@given(place=POSITIONS, near=st.one_of(st.none(), st.integers(0, LEGS - 1)))
@example(place=(0.1, 0.0), near=None)
@example(place=(0.0, 90.0), near=None)
def test_of_a_position(
    visits: duckdb.DuckDBPyConnection, place: tuple[float, float], near: int | None
) -> None:
    ra, dec = place if near is None else _beside_leg(visits, near)
    at = {"ra": ra, "dec": dec}
    found = "SELECT eclipse, band, leg, ingested, ra0, dec0 FROM legs_at($ra, $dec) ORDER BY ALL"
    assert rows_of(visits, found, at) == rows_of(visits, EVERY_VISIT, at)
    for reach in (0.0, 5000.0):
        named = load_query("visits_of_position").sql.strip().removesuffix(";")
        found = f"SELECT eclipse, band, leg, exposure FROM ({named}) ORDER BY ALL"
        asked = {**at, "reach": reach}
        assert rows_of(visits, found, {**asked, "band": None}) == rows_of(
            visits, OF_POSITION, asked
        )


def test_something_is_found(visits: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(visits, "FROM legs_at(0.1, 0.0)")
    assert {row["eclipse"] for row in rows if row["ingested"]} >= {200000}
    rows = rows_of(visits, "FROM legs_at(0.0, 90.0)")
    # The second of these is in the archive, elsewhere; the first one is nowhere near.
    assert {row["leg"] for row in rows if row["eclipse"] == 200000} == {2}
    assert any(row["ingested"] for row in rows)


def _beside_leg(connection: duckdb.DuckDBPyConnection, number: int) -> tuple[float, float]:
    sql = f"SELECT ra0, dec0, radius FROM legs ORDER BY eclipse LIMIT 1 OFFSET {number}"
    ((ra, dec, radius),) = connection.execute(sql).fetchall()
    return ra, max(min(dec + radius * 0.999, 90.0), -90.0)
