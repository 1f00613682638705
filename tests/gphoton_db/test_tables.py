"""Columns and types of the tables and views, and what must add up."""

import re
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.query.sql_files import read_sql
from tests.gphoton_db.archives import ROOT

KEYS = {"eclipse": "INTEGER", "band": "VARCHAR", "leg": "INTEGER"}

PHOTONS = {
    **KEYS,
    "t": "DOUBLE",
    "ra": "DOUBLE",
    "dec": "DOUBLE",
    "col": "FLOAT",
    "row": "FLOAT",
    "detrad": "DOUBLE",
    "flags": "UTINYINT",
    "mask": "BOOLEAN",
    "response": "FLOAT",
    "q": "UTINYINT",
    "ya": "UTINYINT",
    "cell": "INTEGER",
    "t_ms": "BIGINT",
}
TICKS = {**KEYS, "t": "DOUBLE", "events": "BIGINT", "unflagged": "BIGINT", "t_ms": "BIGINT"}
ASPECT = {
    **KEYS,
    "t": "DOUBLE",
    "ra": "DOUBLE",
    "dec": "DOUBLE",
    "roll": "DOUBLE",
    "flags": "BIGINT",
    "t_ms": "BIGINT",
}
VIEWS = {"photons": PHOTONS, "ticks": TICKS, "aspect": ASPECT}

TABLES = {
    "eclipses": {"eclipse": "INTEGER", "plan_type": "VARCHAR", "fuv_tdc_temp": "DOUBLE"},
    "legs": {
        **KEYS,
        "ra0": "DOUBLE",
        "dec0": "DOUBLE",
        "t0": "DOUBLE",
        "t1": "DOUBLE",
        "exposure": "DOUBLE",
        "n_photons": "BIGINT",
        "path": "VARCHAR",
        "size_bytes": "BIGINT",
        "sha256": "VARCHAR",
        "calibration": "VARCHAR",
        "software_version": "VARCHAR",
        "ingested_at": "TIMESTAMP",
    },
    "leg_files": {**KEYS, "kind": "VARCHAR", "path": "VARCHAR", "sha256": "VARCHAR"},
    "calibration_files": {"calibration": "VARCHAR", "name": "VARCHAR", "sha256": "VARCHAR"},
    "ingests": {"eclipse": "INTEGER", "band": "VARCHAR", "outcome": "VARCHAR"},
}


def columns(archive: Archive, table: str) -> dict[str, str]:
    rows = archive.query(f"DESCRIBE {table}").rows()
    return {row["column_name"]: row["column_type"] for row in rows}


def one(archive: Archive, sql: str) -> dict[str, int]:
    (row,) = archive.query(sql).rows()
    return row


@pytest.mark.parametrize("view", VIEWS)
def test_views_have_their_columns(view: str, full: Archive) -> None:
    assert columns(full, view) == VIEWS[view]


def test_an_empty_archive_has_the_same_views(tmp_path: Path) -> None:
    with Archive(tmp_path, create=True) as archive:
        for view in VIEWS:
            assert columns(archive, view) == VIEWS[view]
            assert len(archive.query(f"FROM {view}")) == 0


@pytest.mark.parametrize("table", TABLES)
def test_tables_have_their_columns(table: str, full: Archive) -> None:
    assert TABLES[table].items() <= columns(full, table).items()


def test_photons_of_the_views_and_of_the_catalogue_add_up(full: Archive) -> None:
    legs = one(full, "SELECT sum(n_photons)::BIGINT AS n, sum(n_unflagged)::BIGINT AS u FROM legs")
    photons = one(full, "SELECT count(*) AS n, count(*) FILTER (flags = 0) AS u FROM photons")
    ticks = one(full, "SELECT sum(events)::BIGINT AS n, sum(unflagged)::BIGINT AS u FROM ticks")
    assert legs == photons == ticks
    assert legs["n"] > legs["u"] > 0


def test_each_leg_adds_up(full: Archive) -> None:
    counted = full.query(
        "SELECT eclipse, band, leg, count(*) AS n FROM photons GROUP BY ALL ORDER BY ALL"
    ).rows()
    assert counted == [
        {"eclipse": leg.eclipse, "band": leg.band, "leg": leg.leg, "n": leg.n_photons}
        for leg in full.legs()
    ]


def test_photons_lie_where_and_when_their_leg_says(full: Archive) -> None:
    outside = full.query(
        "SELECT count(*) AS n FROM photons JOIN legs USING (eclipse, band, leg) WHERE "
        "photons.t < legs.t0 OR photons.t > legs.t1 + 1 OR (photons.flags = 0 AND (photons.ra "
        "NOT BETWEEN ra_min AND ra_max OR photons.dec NOT BETWEEN dec_min AND dec_max))"
    )
    assert outside.rows() == [{"n": 0}]


def test_derived_columns_follow_from_the_stored_ones(full: Archive) -> None:
    wrong = full.query(
        "SELECT count(*) AS n FROM photons WHERE abs(t * 1000 - t_ms) > 1e-3 "
        "OR abs(detrad - sqrt((col - 400) ^ 2 + (row - 400) ^ 2)) > 1e-9"
    )
    assert wrong.rows() == [{"n": 0}]


def test_photons_without_a_position_have_no_cell(full: Archive) -> None:
    wrong = full.query("SELECT count(*) AS n FROM photons WHERE (ra IS NULL) <> (cell = -1)")
    assert wrong.rows() == [{"n": 0}]


def test_the_eclipse_has_its_metadata(full: Archive) -> None:
    (row,) = full.query("SELECT eclipse, plan_type, fuv_tdc_temp FROM eclipses").rows()
    assert row == {"eclipse": 23500, "plan_type": "MIS", "fuv_tdc_temp": 29.5}


def test_calibration_files_are_listed_for_each_leg(full: Archive) -> None:
    for leg in full.legs():
        files = full.query(
            "SELECT name FROM calibration_files WHERE calibration = ?", [leg.calibration]
        ).rows()
        assert f"{leg.band}_flat.fits" in [file["name"] for file in files]


def test_the_aspect_is_that_of_the_legs(full: Archive) -> None:
    rows = full.query(
        "SELECT min(t) AS t0, max(t) AS t1 FROM aspect GROUP BY eclipse, band, leg "
        "ORDER BY eclipse, band, leg"
    ).rows()
    assert rows == [{"t0": leg.t0, "t1": leg.t1} for leg in full.legs()]


@pytest.fixture(scope="module")
def created(full: Archive) -> set[str]:
    """Names of the tables, views and macros that there are."""
    macros = "SELECT function_name AS name FROM duckdb_functions() WHERE NOT internal"
    return {row["name"] for sql in ("SHOW TABLES", macros) for row in full.query(sql).rows()}


@pytest.mark.parametrize("path", sorted((ROOT / "sql").rglob("*.sql")), ids=lambda path: path.name)
def test_every_sql_file_loads(path: Path, created: set[str]) -> None:
    """What the schema, views and macros create is there."""
    text = read_sql(path.relative_to(ROOT / "sql").as_posix())
    assert text.startswith("--")
    if path.parent.name in ("imports", "queries", "status", "totals", "updates"):
        return  # they are run by tests of their own
    wanted = re.findall(r"^CREATE .*?(?:TABLE|VIEW|MACRO) (?:IF NOT EXISTS )?(\w+)", text, re.M)
    assert wanted
    assert set(wanted) <= created
