"""Archives that an older gphoton-db made."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import SCHEMA_VERSION
from gphoton_db.catalogue.definitions import in_order, sql_version
from gphoton_db.errors import ArchiveError
from gphoton_db.query.constants import CONSTANTS
from gphoton_db.query.documentation import documentation
from tests.gphoton_db.archives import (
    assert_sound,
    assert_tidy,
    in_mount_namespace,
    make_old,
    run_program,
)
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.conftest import _own_settings as _own_settings
from tests.gphoton_db.conftest import cli as cli
from tests.shared import own_copy
from tests.sql.reference import rows_of

NEW_TABLES = ("boresights", "shutter_gaps", "products", "coverage", "source_files")


@pytest.fixture
def old_root(sky_root: Path, tmp_path: Path) -> Path:
    """An archive as version 1 of the schema had it: three views, no macros, fewer tables."""
    root = Path(shutil.copytree(sky_root, tmp_path / "archive"))
    make_old(root, 1, NEW_TABLES)
    with duckdb.connect(str(root / "gphoton.duckdb")) as connection:
        connection.execute("ALTER TABLE archive_info DROP COLUMN sql_version")
        for kind in ("photons", "ticks", "aspect"):
            pattern = root / kind / "*" / "*" / "*" / "*.parquet"
            connection.execute(f"CREATE VIEW {kind} AS FROM read_parquet('{pattern}')")
    return root


def content(root: Path) -> dict[str, Any]:
    with duckdb.connect(str(root / "gphoton.duckdb"), read_only=True) as connection:
        return {
            sql: rows_of(connection, sql)
            for sql in (
                "FROM legs ORDER BY ALL",
                "FROM shutter_gaps ORDER BY ALL",
                "FROM lightcurve(323.51, -1.99, step := 7)",
                "SELECT * EXCLUDE (created_at, root) FROM archive_info",
                "SELECT function_name, comment, parameters FROM duckdb_functions() "
                "WHERE NOT internal ORDER BY ALL",
                "SELECT galex_to_mjd(0) AS mjd",
                "SELECT view_name, comment, sql FROM duckdb_views() "
                "WHERE NOT internal ORDER BY ALL",
                "SELECT table_name, column_name, data_type FROM duckdb_columns() "
                "WHERE NOT internal ORDER BY ALL",
            )
        }


@pytest.fixture(scope="module")
def right(sky_root: Path) -> dict[str, Any]:
    """What an archive of this version has, wherever it is."""
    return content(sky_root)


def test_an_old_archive_is_upgraded_when_it_is_opened(
    old_root: Path, right: dict[str, Any]
) -> None:
    Archive(old_root).close()
    assert content(old_root) == right
    assert_sound(old_root)
    assert_tidy(old_root)


def test_an_old_archive_that_cannot_be_written_is_read_from_a_copy(
    old_root: Path, sky_root: Path, tmp_path: Path, cli: Cli
) -> None:
    bind = 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"'
    before = (old_root / "gphoton.duckdb").read_bytes()
    statement = "SELECT * FROM lightcurve(323.51, -1.99, step := 7) JOIN legs USING (eclipse, leg)"
    done = run_program(
        ["--archive", str(old_root), "sql", statement, "--format", "csv"],
        folder=Path("/"),
        prefix=("env", f"TMPDIR={tmp_path}", *in_mount_namespace(old_root, bind)),
    )
    expected = cli("--archive", sky_root, "sql", statement, "--format", "csv")
    assert (done.returncode, expected.code) == (0, 0), done.stderr
    assert sorted(done.stdout.splitlines()) == sorted(expected.out.splitlines())
    assert len(done.stdout.splitlines()) > 10
    assert (old_root / "gphoton.duckdb").read_bytes() == before
    assert not (old_root / "catalogue").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"archive"}  # the copy is gone


def test_an_archive_of_a_later_version_is_refused(sky_root: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(sky_root, tmp_path / "archive"))
    with duckdb.connect(str(root / "gphoton.duckdb")) as connection:
        connection.execute(f"UPDATE archive_info SET schema_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(ArchiveError, match="or a newer one"):
        Archive(root)


@pytest.mark.deep  # as are those of other constants
def test_macros_of_another_version_are_replaced(
    sky_root: Path, right: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, sky_root)
    with duckdb.connect(str(root / "gphoton.duckdb")) as connection:
        connection.execute("CREATE OR REPLACE MACRO galex_to_mjd(t) AS 0")
        connection.execute("UPDATE archive_info SET sql_version = 'another'")
    Archive(root).close()
    assert content(root) == right


def test_a_changed_constant_is_filled_in_anew_once(
    sky_root: Path,
    right: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = own_copy(tmp_path_factory, sky_root)
    catalogue, version = root / "gphoton.duckdb", sql_version()
    caches = (sql_version, in_order, documentation)
    with monkeypatch.context() as changed:
        changed.setattr(
            "gphoton_db.query.constants.CONSTANTS", {**CONSTANTS, "MJD_OF_UNIX_EPOCH": 0}
        )
        for cache in caches:
            cache.cache_clear()
        assert sql_version() != version
        Archive(root).close()
        with duckdb.connect(str(catalogue), read_only=True) as connection:
            assert rows_of(connection, "SELECT galex_to_mjd(0) AS mjd") == [{"mjd": 3657.0}]
        written_at = catalogue.stat().st_mtime_ns
        Archive(root).close()
        assert catalogue.stat().st_mtime_ns == written_at
    for cache in caches:
        cache.cache_clear()
    Archive(root).close()
    assert content(root) == right


@pytest.mark.deep  # as does an older archive
def test_macros_of_another_version_serve_where_nothing_can_be_written(
    sky_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, sky_root)
    with duckdb.connect(str(root / "gphoton.duckdb")) as connection:
        connection.execute("UPDATE archive_info SET sql_version = 'another'")
    before = (root / "gphoton.duckdb").read_bytes()
    bind = 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"'
    done = run_program(
        ["--archive", str(root), "sql", "SELECT galex_to_mjd(0) AS mjd", "--format", "csv"],
        folder=Path("/"),
        prefix=in_mount_namespace(root, bind),
    )
    assert (done.returncode, done.stdout.split()) == (0, ['"mjd"', "44244"]), done.stderr
    assert (root / "gphoton.duckdb").read_bytes() == before


def test_files_of_version_3_have_no_bounds_and_are_read_all_the_same(
    sky_root: Path, right: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, sky_root)
    make_old(root, 3)
    with duckdb.connect(str(root / "gphoton.duckdb")) as connection:
        for name in ("ra_min", "ra_max", "dec_min", "dec_max"):
            connection.execute(f"ALTER TABLE leg_files DROP COLUMN {name}")
    Archive(root).close()
    assert content(root) == right
    with duckdb.connect(str(root / "gphoton.duckdb"), read_only=True) as connection:
        known = "SELECT count(ra_min) AS known, count(*) AS files FROM leg_files"
        assert rows_of(connection, known)[0]["known"] == 0
        for place in ("0.0004, 10.0, 600", "123.0, 89.9995, 600", "323.51, -1.99, 12.8"):
            count = f"SELECT count(*) AS n, sum(t_ms) AS t FROM cone({place})"
            with duckdb.connect(str(sky_root / "gphoton.duckdb"), read_only=True) as new:
                assert rows_of(connection, count) == rows_of(new, count)
