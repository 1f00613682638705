"""The sums in the catalogue's head are those of the tables, whatever was done to the archive."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.totals import TOTALS
from gphoton_db.paths import ArchivePaths
from gphoton_db.query.sql_files import read_sql
from tests.gphoton_db.archives import Sources, changed_tables, count, ingest, make_old
from tests.gphoton_db.conftest import Cli


def rows_of(archive: Archive, sql: str) -> list[dict[str, Any]]:
    found = archive.query(sql).rows()
    for row in found:
        if "exposure" in row:
            row["exposure"] = pytest.approx(row["exposure"], rel=1e-12)
    return found


def assert_summed_up(root: Path) -> None:
    """Check each table of sums against the statements that it is made with, over everything."""
    with Archive(root) as archive:
        for table, statements in TOTALS.items():
            texts = [read_sql(f"totals/{name}.sql").strip(";\n") for name in statements]
            every = "\n) UNION ALL FROM (".join(texts)
            wanted = rows_of(archive, f"FROM ({every}) ORDER BY ALL")
            assert rows_of(archive, f"FROM {table} ORDER BY ALL") == wanted
        n = count(archive, "legs")
        assert archive.status().total.n_legs == n > 0


def test_of_ingests(full_copy: Path, nuv: Sources) -> None:
    assert_summed_up(full_copy)
    with Archive(full_copy) as archive:
        ingest(archive, nuv, force=True)
    assert_summed_up(full_copy)


def test_of_failures_and_products(full_copy: Path, cli: Cli, nuv: Sources) -> None:
    cli("--archive", full_copy, "image", nuv.eclipse, "NUV", "--leg", 0)
    assert cli("--archive", full_copy, "ingest", 40000, "NUV", "--offline").code == 1
    assert_summed_up(full_copy)
    with Archive(full_copy) as archive:
        found = archive.status()
    assert [each.eclipse for each in found.failed] == [40000]
    assert "products" in {each.kind for each in found.sizes}


def test_of_a_catalogue_made_anew(full_copy: Path) -> None:
    (full_copy / "gphoton.duckdb").unlink()
    assert_summed_up(full_copy)
    (full_copy / "gphoton.duckdb").unlink()
    shutil.rmtree(full_copy / "catalogue")
    assert_summed_up(full_copy)


def test_of_an_upgrade(full_copy: Path) -> None:
    make_old(full_copy, 4)
    assert_summed_up(full_copy)


def test_of_legs_that_are_gone(full_copy: Path) -> None:
    with Archive(full_copy) as archive:
        n = archive.status().total.n_legs
    with changed_tables(full_copy, "legs", "leg_files") as connection:
        connection.execute("DELETE FROM legs WHERE band = 'FUV'")
        connection.execute("DELETE FROM leg_files WHERE band = 'FUV'")
    assert_summed_up(full_copy)
    with Archive(full_copy) as archive:
        assert 0 < archive.status().total.n_legs < n
        nuv_legs = archive.legs()
    assert Catalogue(ArchivePaths(full_copy)).bands() == {(leg.eclipse, "NUV") for leg in nuv_legs}


def drop_totals(root: Path) -> None:
    with duckdb.connect(str(root / "gphoton.duckdb")) as connection:
        for table in TOTALS:
            connection.execute(f"DROP TABLE {table}")


def test_a_catalogue_without_sums_gets_them(full_copy: Path) -> None:
    with Archive(full_copy) as archive:
        expected = archive.status()
    drop_totals(full_copy)
    with Archive(full_copy) as archive:
        assert archive.status() == expected  # read as it is
    Catalogue(ArchivePaths(full_copy)).refresh_root()
    with duckdb.connect(str(full_copy / "gphoton.duckdb"), read_only=True) as connection:
        assert set(TOTALS) <= {name for (name,) in connection.execute("SHOW TABLES").fetchall()}
    assert_summed_up(full_copy)
