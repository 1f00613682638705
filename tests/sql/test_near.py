"""What is asked of positions, by the index, is what a look at all legs and visits finds."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gphoton_db.catalogue.near import MOST_PATCHES, patches_near, table_near
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

REACH = st.one_of(st.sampled_from([0.0, 0.2, 1.0]), st.floats(0, 20))

LEGS = 600 if deep() else 150

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


@settings(max_examples=examples(3), deadline=None)
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


def near_in(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    positions: list[tuple[float, float]],
    reach: float,
) -> set[tuple[int, int]]:
    conditions = " OR ".join(
        f"separation(ra0, dec0, {ra!r}::DOUBLE, {dec!r}::DOUBLE) <= (radius + {reach!r}) * 3600"
        for ra, dec in positions
    )
    rows = connection.execute(f"SELECT eclipse, leg FROM {table} WHERE {conditions}").fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


@settings(max_examples=examples(8), deadline=None)
@given(positions=st.lists(POSITIONS, min_size=1, max_size=5), reach=REACH)
@example(positions=[(0.0, 90.0)], reach=0.0)
@example(positions=[(123.0, -89.9)], reach=0.01)
@example(positions=[(359.9999, 0.0), (0.0001, 0.0)], reach=10.0)
@example(positions=[(180.0, 0.0)], reach=179.0)
def test_no_leg_is_missed(
    visits: duckdb.DuckDBPyConnection, positions: list[tuple[float, float]], reach: float
) -> None:
    ra, dec = zip(*positions, strict=True)
    table = table_near(visits, ra, dec, reach)
    assert near_in(visits, table, positions, reach) == near_in(visits, "legs", positions, reach)


def test_few_files_are_named(visits: duckdb.DuckDBPyConnection) -> None:
    ((n,),) = visits.execute("SELECT count(*) FROM segments WHERE table_name = 'legs'").fetchall()
    ((eclipse, ra, dec),) = visits.execute(
        "SELECT eclipse, ra0, dec0 FROM legs WHERE abs(dec0) < 45 AND radius < 1 LIMIT 1"
    ).fetchall()
    table = table_near(visits, ra, dec)
    paths = table.removeprefix("read_parquet(").partition(", hive_partitioning")[0]
    ((found,),) = visits.execute(f"SELECT {paths}").fetchall()
    assert 1 <= len(found) <= 3 < n
    assert any(f"/{eclipse // 256}-" in path for path in found)


def test_all_legs_are_read_where_much_of_the_sky_is_asked_for(
    visits: duckdb.DuckDBPyConnection,
) -> None:
    ra, dec = np.meshgrid(np.arange(0.0, 360.0, 10), np.arange(-80.0, 81.0, 10))
    assert table_near(visits, ra.ravel(), dec.ravel()) == "legs"
    assert len(patches_near(ra.ravel(), dec.ravel(), 0.8)) > MOST_PATCHES


@settings(max_examples=examples(20), deadline=None)
@given(place=POSITIONS, reach=st.floats(0, 20))
def test_the_patches_are_those_of_the_macro(
    visits: duckdb.DuckDBPyConnection, place: tuple[float, float], reach: float
) -> None:
    ra, dec = place
    ((found,),) = visits.execute(
        f"SELECT sky_patches({ra!r}::DOUBLE, {dec!r}::DOUBLE, "
        f"cone_half_width({dec!r}::DOUBLE, {3600 * reach!r}), {reach!r})"
    ).fetchall()
    assert set(found) <= patches_near(np.array([ra]), np.array([dec]), reach)
