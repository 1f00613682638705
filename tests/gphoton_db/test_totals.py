"""The sums in the catalogue's head are those of the tables, whatever was done to the archive.

Those of one that was lost, or of an older version: test_lost_catalogue.py and test_segments.py.
"""

from datetime import datetime
from pathlib import Path

import duckdb

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.records import ProductRecord
from gphoton_db.catalogue.totals import TOTALS
from gphoton_db.paths import ArchivePaths
from tests.gphoton_db.archives import Sources, assert_summed_up, changed_tables, ingest
from tests.gphoton_db.conftest import Cli


def test_of_ingests_failures_products_and_legs_that_are_gone(
    full_copy: Path, cli: Cli, nuv: Sources
) -> None:
    image = ("image.fits", "image", nuv.eclipse, "NUV", 0, "{}", None, "0")
    Catalogue(ArchivePaths(full_copy)).add_products(
        [ProductRecord(*image, datetime(2030, 1, 1), 1, "hash")]
    )
    assert cli("--archive", full_copy, "ingest", 40000, "NUV", "--offline").code == 1
    with Archive(full_copy) as archive:
        ingest(archive, nuv, force=True)
        found = archive.status()
    assert [each.eclipse for each in found.failed] == [40000]
    assert "products" in {each.kind for each in found.sizes}
    assert_summed_up(full_copy)
    with changed_tables(full_copy, "legs", "leg_files") as connection:
        connection.execute("DELETE FROM legs WHERE band = 'FUV'")
        connection.execute("DELETE FROM leg_files WHERE band = 'FUV'")
    assert_summed_up(full_copy)
    with Archive(full_copy) as archive:
        assert 0 < archive.status().total.n_legs < found.total.n_legs
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
