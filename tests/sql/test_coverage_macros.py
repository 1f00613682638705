"""Which visits saw a position: no coverage, coverage, and known but not ingested."""

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pytest

from tests.gphoton_db.archives import changed_tables
from tests.sql.conftest import ACROSS_ZERO, NEAR_POLE, STAR
from tests.sql.reference import LegPhotons, rows_of, separation


def test_a_position_that_nothing_saw_has_no_rows(sky: duckdb.DuckDBPyConnection) -> None:
    for macro in ("legs_at", "coverage_at", "lightcurve", "visit_lightcurve"):
        assert rows_of(sky, f"FROM {macro}(100, 50)") == []


def test_coverage_without_photons_is_rows_with_exposure(sky: duckdb.DuckDBPyConnection) -> None:
    place = (323.6123, -2.1)
    rows = rows_of(sky, "FROM lightcurve($1, $2, radius := 0.01, step := 10)", place)
    assert rows
    assert {row["counts"] for row in rows} == {0}
    assert any(row["exposure"] > 1 for row in rows)
    assert all(row["mag"] is None and row["cps"] == 0 for row in rows if row["exposure"] > 0)
    assert rows_of(sky, "FROM coverage_at($1, $2)", place)


def test_a_visit_that_was_not_ingested_is_known_by_its_other_band(
    sky: duckdb.DuckDBPyConnection,
) -> None:
    rows = rows_of(sky, "FROM legs_at($1, $2)", ACROSS_ZERO)
    assert [(row["eclipse"], row["band"], row["ingested"]) for row in rows] == [
        (23502, "FUV", False),
        (23502, "NUV", True),
    ]
    assert rows[0]["exposure"] is None
    assert rows[1]["exposure"] > 1
    assert rows_of(sky, "FROM visit_lightcurve($1, $2, band := 'FUV')", ACROSS_ZERO) == []


def test_a_visit_that_was_not_ingested_is_known_by_its_boresight(
    sky_root: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "gphoton.duckdb"
    shutil.copy(sky_root / "gphoton.duckdb", copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("INSERT INTO boresights VALUES (30000, 0, 100, 50, 0, 9e8)")
        rows = rows_of(connection, "FROM legs_at(100.1, 50.1)")
    assert [(row["eclipse"], row["band"], row["ingested"]) for row in rows] == [
        (30000, "FUV", False),
        (30000, "NUV", False),
    ]


def test_a_band_whose_own_field_misses_the_position_is_not_called_unknown(
    sky_root: Path, tmp_path: Path
) -> None:
    root = Path(shutil.copytree(sky_root, tmp_path / "archive"))
    with changed_tables(root, "legs") as connection:
        connection.execute("UPDATE legs SET radius = 0.001 WHERE band = 'FUV'")
        connection.execute("UPDATE legs SET ra0 = ra0 + 0.01 WHERE band = 'NUV'")
    with duckdb.connect(str(root / "gphoton.duckdb")) as connection:
        rows = rows_of(connection, "FROM legs_at($1, $2) WHERE eclipse = 23500", STAR)
        legs = rows_of(connection, "FROM legs WHERE eclipse = 23500 AND band = 'NUV'")
    assert [(row["band"], row["leg"], row["ingested"]) for row in rows] == [
        ("NUV", 0, True),
        ("NUV", 1, True),
    ]
    for row, leg in zip(rows, legs, strict=True):
        distance = float(separation(leg["ra0"], leg["dec0"], *STAR))
        assert row["separation"] == pytest.approx(distance)


@pytest.mark.parametrize("place", [STAR, ACROSS_ZERO, NEAR_POLE, (323.5, -1.38), (40.0, 89.3)])
def test_coverage_follows_from_the_pointing(
    place: tuple[float, float], sky: duckdb.DuckDBPyConnection, legs: list[LegPhotons]
) -> None:
    found = {
        (row["eclipse"], row["band"], row["leg"]): row
        for row in rows_of(sky, "FROM coverage_at($1, $2)", place)
    }
    covered = 0
    for leg in legs:
        key = (leg.eclipse, leg.band, leg.leg)
        table = sky.execute(
            "SELECT t_ms, ra, dec FROM aspect WHERE (eclipse, band, leg) = ($1, $2, $3) "
            "AND flags % 2 = 0 ORDER BY t_ms",
            key,
        ).to_arrow_table()
        pointing = {name: table[name].to_numpy() for name in table.column_names}
        distance = separation(pointing["ra"], pointing["dec"], *place) / 3600
        on = distance <= 0.625
        if not on.any():
            assert key not in found
            continue
        covered += 1
        row, times = found[key], pointing["t_ms"][on]
        assert row["t0"] == times[0] / 1000
        assert row["t1"] == times[-1] / 1000 + 1
        assert row["seconds"] == on.sum()
        assert row["detrad_min"] == pytest.approx(distance[on].min() * 600)
        assert row["detrad_max"] == pytest.approx(distance[on].max() * 600)
        start, last = leg.span_ms
        seconds = np.arange(start, last + 1, 1000)
        seen = np.isin((seconds + 500) // 1000, times // 1000)
        right = sum(leg.exposure(int(t), int(t) + 1000) for t in seconds[seen])
        assert row["exposure"] == pytest.approx(right, abs=1e-3)
    assert covered == len(found) > 0


def test_visits_have_readable_times(sky: duckdb.DuckDBPyConnection) -> None:
    rows = rows_of(sky, "FROM visits ORDER BY start, band")
    assert len(rows) == 7
    assert rows[0]["plan_type"] == "MIS"
    seconds = (rows[0]["stop"] - rows[0]["start"]).total_seconds()
    assert seconds == pytest.approx(rows[0]["t1"] - rows[0]["t0"])
