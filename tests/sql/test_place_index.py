"""The index by place and by number chooses the legs that a look at all legs would choose."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gphoton_db.catalogue.place_index import PART_NAME
from gphoton_db.errors import ArchiveError
from tests.examples import deep, examples
from tests.sql.made_legs import (
    POSITIONS,
    add,
    changing,
    chosen,
    empty_catalogue,
    leg_at,
    legs_everywhere,
    listed,
    remove,
    texts,
    update_all,
)

REACH = st.one_of(st.sampled_from([0.0, 12.8, 3600.0]), st.floats(0, 40000))


@pytest.fixture(scope="module")
def everywhere(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The catalogue of many legs all over the sky, some of large fields, without their files."""
    legs = [
        *legs_everywhere(600 if deep() else 150),
        leg_at(200000, 0.0, 0.0),
        leg_at(200000, 360.0, 90.0, leg=11),
        leg_at(9, 10.0, -90.0),
    ]
    with empty_catalogue(tmp_path_factory.mktemp("everywhere")) as connection:
        with changing(connection):
            add(connection, legs)
        yield connection


@settings(max_examples=examples(7), deadline=None)
@given(place=POSITIONS, reach=REACH, band=st.sampled_from(["NULL", "'NUV'", "'fuv'"]))
@example(place=(0.0, 90.0), reach=0.0, band="NULL")
@example(place=(123.0, -89.9), reach=12.8, band="NULL")
@example(place=(359.9999, 0.0), reach=36000.0, band="NULL")
def test_the_legs_near_a_position_are_all_of_them(
    everywhere: duckdb.DuckDBPyConnection, place: tuple[float, float], reach: float, band: str
) -> None:
    ra, dec = place
    near = f"{ra!r}::DOUBLE, {dec!r}::DOUBLE"
    patches = f"patches_near_sql({near}, {reach!r})"
    found = chosen(everywhere, f"legs_near_sql({patches}, 'ticks', {near}, {reach!r}, {band})")
    assert found == listed(everywhere, f"legs_near('ticks', {near}, {reach!r}, band := {band})")


@settings(max_examples=examples(7), deadline=None)
@given(place=POSITIONS, half_width=st.floats(0, 180), half_height=st.floats(0, 90))
@example(place=(0.0, 0.0), half_width=180.0, half_height=90.0)
@example(place=(360.0, 90.0), half_width=0.01, half_height=0.0)
def test_the_legs_in_a_box_are_all_of_them(
    everywhere: duckdb.DuckDBPyConnection,
    place: tuple[float, float],
    half_width: float,
    half_height: float,
) -> None:
    box = f"{place[0]!r}::DOUBLE, {place[1]!r}::DOUBLE, {half_width!r}, {half_height!r}"
    found = chosen(everywhere, f"legs_in_box_sql({box})")
    patches = everywhere.execute(
        f"SELECT function_name FROM duckdb_functions() WHERE function_name ~ '{PART_NAME}' "
        "AND contains(function_name, 'patch')"
    ).fetchall()
    lines = ", ".join(f"{name}()" for (name,) in patches)
    every = f"legs_in_order(indexed_legs(concat_ws(chr(10), {lines})))"
    assert found == listed(everywhere, f"legs_of_box({every}, {box})")


@pytest.mark.parametrize(
    "eclipse", ["10", "200000", "9", pytest.param("-3", marks=pytest.mark.deep), "1e9", "NULL"]
)
@pytest.mark.parametrize("band", ["NULL", "'NUV'"])
@pytest.mark.parametrize("leg", ["NULL", "11", pytest.param("0", marks=pytest.mark.deep)])
def test_the_legs_of_an_eclipse_are_all_of_them(
    everywhere: duckdb.DuckDBPyConnection, eclipse: str, band: str, leg: str
) -> None:
    for kind in ("photons", "ticks", "aspect"):
        call = f"('{kind}', {eclipse}, {band}, {leg})"
        found = chosen(everywhere, f"legs_numbered_sql{call}")
        right = listed(everywhere, f"legs_numbered{call}")
        assert found == right


def test_every_leg_is_listed_with_the_paths_of_its_files(
    everywhere: duckdb.DuckDBPyConnection,
) -> None:
    for kind in ("photons", "ticks", "aspect"):
        rows = everywhere.execute(
            f"SELECT eclipse, band, leg, ra0, dec0, radius, round(photon_t0 * 1000)::BIGINT AS t0, "
            "round(photon_t1 * 1000)::BIGINT, (SELECT list(path ORDER BY part) FROM leg_files AS f "
            "WHERE (f.eclipse, f.band, f.leg) = (legs.eclipse, legs.band, legs.leg) "
            f"AND f.kind = '{kind}') FROM legs ORDER BY eclipse, band, leg"
        ).fetchall()
        expected = [
            [*map(str, key), "" if t0 is None else str(t0), "" if t0 is None else str(t1), *paths]
            for *key, t0, t1, paths in rows
        ]
        found = listed(everywhere, f"archive_legs('{kind}')")
        assert [[*leg[:8], *(file.split("|")[0] for file in leg[8:])] for leg in found] == expected


def test_bounds_of_files_hold_theirs(everywhere: duckdb.DuckDBPyConnection) -> None:
    bounds = everywhere.execute(
        "SELECT path, dec_min, dec_max FROM leg_files WHERE kind = 'photons' AND eclipse % 5 = 0"
    ).fetchall()
    known = {path: (low, high) for path, low, high in bounds}
    n = 0
    for leg in listed(everywhere, "archive_legs('photons')"):
        for file in leg[8:]:
            path, *numbers = file.split("|")
            if not numbers:
                continue
            n += 1
            middle, half, ra, half_width = map(float, numbers)
            low, high = known[path]
            if low is None:
                assert half < -100  # photons without a position are near nowhere
            else:
                assert middle - half <= low <= high <= middle + half
                assert middle + half - high <= 0.0201
                assert ra - half_width <= 0
    assert n > 100


@settings(max_examples=examples(1), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_parts_that_change_become_what_a_new_index_has(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rng = np.random.default_rng(seed)
    with empty_catalogue(tmp_path_factory.mktemp("index")) as connection:
        present: set[int] = set()
        for _ in range(4):
            eclipses = {int(each) for each in rng.integers(1, 1000, 4)}
            gone = set(rng.permutation(sorted(present))[:2].tolist())
            legs = {
                eclipse: [
                    leg_at(eclipse, *rng.uniform((0, -90), (360, 90)), leg=leg)
                    for leg in range(rng.integers(1, 4))
                ]
                for eclipse in eclipses | gone
            }
            bands = {(eclipse, each[0].band) for eclipse, each in legs.items()}
            with changing(connection, bands):
                for eclipse, band in bands:
                    remove(connection, eclipse, band)
                    if eclipse in eclipses:
                        add(connection, legs[eclipse])
            present = (present - gone) | eclipses
        found = texts(connection)
        legs_listed = listed(connection, "archive_legs('photons')")
        assert len(legs_listed) == connection.execute("SELECT count(*) FROM legs").fetchall()[0][0]
        update_all(connection)
        assert texts(connection) == found
        assert listed(connection, "archive_legs('photons')") == legs_listed


def test_no_other_part_is_read_or_written(tmp_path: Path) -> None:
    with empty_catalogue(tmp_path) as connection:
        with changing(connection):
            add(connection, [leg_at(5, 10.0, 10.0), leg_at(9000, 200.0, -40.0)])
        far = [name for name, text in texts(connection).items() if text.startswith("9000 ")]
        assert len(far) == 1
        for name in far:
            connection.execute(f"CREATE OR REPLACE MACRO {name} AS 'left alone'")
        files = connection.execute("SELECT path FROM segments WHERE block = 9000 // 256").fetchall()
        assert len(files) == 2
        for (path,) in files:
            (tmp_path / path).unlink()
        with changing(connection, {(7, "NUV")}):
            add(connection, [leg_at(7, 10.0, 10.0)])
        found = texts(connection)
        assert [found[name] for name in far] == ["left alone"]
        assert sum(text.count("\n7 NUV") + text.startswith("7 NUV") for text in found.values()) == 1


def test_an_index_without_legs_again_is_empty(tmp_path: Path) -> None:
    with empty_catalogue(tmp_path) as connection:
        before = texts(connection)
        with changing(connection):
            add(connection, [leg_at(5, 10.0, 10.0)])
        with changing(connection, {(5, "NUV")}):
            remove(connection, 5, "NUV")
        assert texts(connection) == before
        assert listed(connection, "archive_legs('ticks')") == []
        assert connection.execute("FROM photons").fetchall() == []


def test_a_file_of_another_name_is_refused(tmp_path: Path) -> None:
    with empty_catalogue(tmp_path) as connection:
        refused = pytest.raises(ArchiveError, match=r"ticks/other\.parquet: .* not called after")
        with refused, changing(connection):
            add(connection, [leg_at(5, 10.0, 10.0)])
            connection.execute(
                "UPDATE leg_files SET path = 'ticks/other.parquet' WHERE kind = 'ticks'"
            )


def test_photons_of_an_eclipse_are_those_of_the_view(sky: duckdb.DuckDBPyConnection) -> None:
    for macro, where in (
        ("eclipse_photons(23500)", "eclipse = 23500"),
        ("eclipse_photons(23500, band := 'fuv')", "eclipse = 23500 AND band = 'FUV'"),
        ("eclipse_photons(23500, leg := 1)", "eclipse = 23500 AND leg = 1"),
        ("leg_photons(23500, 'NUV', 1)", "eclipse = 23500 AND band = 'NUV' AND leg = 1"),
        ("eclipse_photons(NULL)", "true"),
        ("eclipse_photons(77)", "false"),
    ):
        sums = "SELECT count(*), sum(t_ms), sum(cell), sum(col), min(detrad)"
        right = sky.execute(f"{sums} FROM photons WHERE {where}").fetchall()
        assert sky.execute(f"{sums} FROM {macro}").fetchall() == right


def test_what_a_query_is_given_may_be_bound(sky: duckdb.DuckDBPyConnection) -> None:
    sky.execute("PREPARE of_eclipse AS SELECT count(*) FROM eclipse_photons($1)")
    for eclipse in (23500, 23502, 1):
        found = sky.execute(f"EXECUTE of_eclipse({eclipse})").fetchall()
        right = f"SELECT count(*) FROM photons WHERE eclipse = {eclipse}"
        assert found == sky.execute(right).fetchall()


@pytest.mark.parametrize(
    "call",
    [
        "exposure_bins(23500, 'NUV', 0, step := {})",
        "count_rate(23500, 'NUV', 0, step := {})",
        "lightcurve(323.51, -1.99, step := {})",
        "lightcurves('place', 23500, step := {})",
    ],
)
def test_a_step_may_be_a_parameter_but_no_column(call: str, sky: duckdb.DuckDBPyConnection) -> None:
    place = "WITH place AS (SELECT 323.51 AS ra, -1.99 AS dec)"
    for step in (5, 0.5, None):
        text = "NULL" if step is None else str(step)
        found = sky.execute(f"{place} FROM {call.format('$step')} ORDER BY ALL", {"step": step})
        rows = found.fetchall()
        assert rows == sky.execute(f"{place} FROM {call.format(text)} ORDER BY ALL").fetchall()
        assert rows
    with pytest.raises(duckdb.Error, match=r"foldable|constant|subquer|lateral|scalar"):
        sky.execute(f"{place} FROM (VALUES (5)) AS asked(seconds), {call.format('asked.seconds')}")
