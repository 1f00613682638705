"""What Python looks for near positions, by the index by place, is what a look at all legs finds."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gphoton_db.catalogue.near import MOST_PATCHES, patches_near, table_near
from tests.examples import examples
from tests.sql.made_legs import POSITIONS, add, changing, empty_catalogue, legs_everywhere

REACH = st.one_of(st.sampled_from([0.0, 0.2, 1.0]), st.floats(0, 20))


@pytest.fixture(scope="module")
def everywhere(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The catalogue of legs all over the sky, close at the poles and RA 0, some of wide fields."""
    with empty_catalogue(tmp_path_factory.mktemp("everywhere")) as connection:
        with changing(connection):
            add(connection, legs_everywhere(150))
        yield connection


def near_in(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    positions: list[tuple[float, float]],
    reach: float,
) -> set[int]:
    conditions = " OR ".join(
        f"separation(ra0, dec0, {ra!r}::DOUBLE, {dec!r}::DOUBLE) <= (radius + {reach!r}) * 3600"
        for ra, dec in positions
    )
    rows = connection.execute(f"SELECT eclipse FROM {table} WHERE {conditions}").fetchall()
    assert len(rows) == len(set(rows))
    return {eclipse for (eclipse,) in rows}


@settings(max_examples=examples(12), deadline=None)
@given(positions=st.lists(POSITIONS, min_size=1, max_size=5), reach=REACH)
@example(positions=[(0.0, 90.0)], reach=0.0)
@example(positions=[(123.0, -89.9)], reach=0.01)
@example(positions=[(359.9999, 0.0), (0.0001, 0.0)], reach=10.0)
@example(positions=[(180.0, 0.0)], reach=179.0)
def test_no_leg_is_missed(
    everywhere: duckdb.DuckDBPyConnection, positions: list[tuple[float, float]], reach: float
) -> None:
    ra, dec = zip(*positions, strict=True)
    table = table_near(everywhere, ra, dec, reach)
    assert near_in(everywhere, table, positions, reach) == near_in(
        everywhere, "legs", positions, reach
    )


def test_few_files_are_named(everywhere: duckdb.DuckDBPyConnection) -> None:
    ((n,),) = everywhere.execute(
        "SELECT count(*) FROM segments WHERE table_name = 'legs'"
    ).fetchall()
    ((eclipse, ra, dec),) = everywhere.execute(
        "SELECT eclipse, ra0, dec0 FROM legs WHERE abs(dec0) < 45 AND radius < 1 LIMIT 1"
    ).fetchall()
    table = table_near(everywhere, ra, dec)
    paths = table.removeprefix("read_parquet(").partition(", hive_partitioning")[0]
    ((found,),) = everywhere.execute(f"SELECT {paths}").fetchall()
    assert 1 <= len(found) <= 3 < n
    assert any(f"/{eclipse // 256}-" in path for path in found)


def test_all_legs_are_read_where_much_of_the_sky_is_asked_for(
    everywhere: duckdb.DuckDBPyConnection,
) -> None:
    ra, dec = np.meshgrid(np.arange(0.0, 360.0, 10), np.arange(-80.0, 81.0, 10))
    assert table_near(everywhere, ra.ravel(), dec.ravel()) == "legs"
    assert len(patches_near(ra.ravel(), dec.ravel(), 0.8)) > MOST_PATCHES


@settings(max_examples=examples(20), deadline=None)
@given(place=POSITIONS, reach=st.floats(0, 20))
def test_the_patches_are_those_of_the_macro(
    everywhere: duckdb.DuckDBPyConnection, place: tuple[float, float], reach: float
) -> None:
    ra, dec = place
    ((found,),) = everywhere.execute(
        f"SELECT sky_patches({ra!r}::DOUBLE, {dec!r}::DOUBLE, "
        f"cone_half_width({dec!r}::DOUBLE, {3600 * reach!r}), {reach!r})"
    ).fetchall()
    assert set(found) <= patches_near(np.array([ra]), np.array([dec]), reach)
