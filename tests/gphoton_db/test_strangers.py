"""An archive from a stranger is data: nothing outside of it is read, written, run or removed."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.file import locked
from gphoton_db.catalogue.superseded import insert_superseded
from gphoton_db.errors import ArchiveError, GPhotonError, QueryError
from gphoton_db.ingest.leg_files import MANIFEST_KEY
from gphoton_db.intake.scan import scan_archive
from gphoton_db.paths import ArchivePaths
from gphoton_db.query.sql_files import literal
from tests.gphoton_db.archives import Sources, count, ingest, parquet_hashes

LONG_AGO = datetime(2020, 1, 1)


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Path]:
    """A folder beside the archive, with files that somebody needs, and has afterwards."""
    folder = tmp_path / "victim"
    (folder / "deep").mkdir(parents=True)
    for name in ("thesis.txt", "data.lock", "deep/notes.txt", "deep/a-1.parquet"):
        (folder / name).write_text("precious")
    yield folder
    files = {path for path in folder.rglob("*") if path.is_file()}
    assert {path.read_text() for path in files} == {"precious"}
    assert len(files) == 4


@pytest.fixture
def fuv_copy(fuv_root: Path, tmp_path: Path) -> Path:
    """An archive beside the victim."""
    return Path(shutil.copytree(fuv_root, tmp_path / "archive"))


@pytest.fixture
def full_copy(full_root: Path, tmp_path: Path) -> Path:
    """The same of both bands."""
    return Path(shutil.copytree(full_root, tmp_path / "archive"))


def commit(root: Path) -> None:
    """Change nothing in an archive, which removes what is outdated."""
    catalogue = Catalogue(ArchivePaths(root))
    with locked(catalogue.paths), catalogue.changing():
        pass


def in_head(root: Path, *statements: str) -> None:
    """Change the head as a stranger does."""
    with duckdb.connect(str(root / "gphoton.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)


def test_superseded_files_of_the_archive_go_and_those_elsewhere_stay(
    fuv_copy: Path, victim: Path
) -> None:
    old = fuv_copy / "photons" / "old.parquet"
    old.write_text("old")
    (fuv_copy / "x").symlink_to(victim)
    elsewhere = ("../victim/thesis.txt", f"{victim}/thesis.txt", "x/thesis.txt")
    in_head(
        fuv_copy,
        *(
            f"INSERT INTO superseded_files VALUES ({literal(name)}, '{LONG_AGO}')"
            for name in (*elsewhere, "photons/old.parquet")
        ),
    )
    commit(fuv_copy)
    assert not old.exists()
    with Archive(fuv_copy) as archive:
        assert count(archive, "superseded_files") == 0


Change = Callable[[dict[str, Any]], object]


def change_manifest(path: Path, change: Change) -> None:
    """Change what a ticks file says of its leg."""
    with pq.ParquetFile(path) as file:
        table = file.read()
        manifest = json.loads(file.metadata.metadata[MANIFEST_KEY])
    change(manifest)
    table = table.replace_schema_metadata({MANIFEST_KEY: json.dumps(manifest)})
    pq.write_table(table, path)


ELSEWHERE: tuple[Change, ...] = (
    lambda m: m["files"][0].update(path="../victim/thesis.txt"),
    lambda m: m["files"][0].update(path="/etc/hostname"),
    lambda m: m["files"].append({**m["files"][0], "kind": "notes", "path": "../victim/x"}),
    lambda m: m["leg"].update(generation="../../../../../victim/thesis"),
)
OF_NO_LEG: tuple[Change, ...] = (
    lambda m: m["leg"].update(eclipse=7),
    lambda m: m["leg"].update(eclipse=[7]),
    lambda m: m["leg"].update(n_photons="many"),
    lambda m: m.update(leg=[1]),
)


def change_manifests(root: Path, changes: tuple[Change, ...]) -> list[str]:
    """Change one in each ticks file, and return what is to be logged."""
    files = sorted((root / "ticks").rglob("*.parquet"))
    for path, change in zip(files, changes, strict=True):
        change_manifest(path, change)
    return [f"{path}: left out: " for path in files]


def test_manifests_that_name_other_files_are_left_out(
    full_copy: Path, victim: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logged = change_manifests(full_copy, ELSEWHERE)
    (full_copy / "gphoton.duckdb").unlink()
    shutil.rmtree(full_copy / "catalogue")
    with Archive(full_copy) as archive:
        assert archive.legs() == []
        listed = archive.query(
            "SELECT path FROM leg_files UNION ALL SELECT path FROM superseded_files"
        ).rows()
    assert [each for each in logged if each not in caplog.text] == []
    assert [row for row in listed if "victim" in row["path"]] == []


def test_manifests_of_no_leg_or_another_one_are_left_out(
    full_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logged = change_manifests(full_copy, OF_NO_LEG)
    assert [block.bands for block in scan_archive(full_copy)] == [()]
    assert [each for each in logged if each not in caplog.text] == []


@pytest.mark.parametrize(
    "name", ["staging", "photons", "ticks", "catalogue", "sources", "gphoton.lock"]
)
def test_a_link_out_of_the_archive_is_refused(
    name: str, fuv_copy: Path, victim: Path, fuv: Sources
) -> None:
    place = fuv_copy / name
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.symlink_to(victim / "thesis.txt" if name.endswith(".lock") else victim)
    with (
        pytest.raises(ArchiveError, match="leads out of the archive"),
        Archive(fuv_copy) as archive,
    ):
        ingest(archive, fuv, force=True)


def test_a_linked_folder_below_loses_nothing(fuv_copy: Path, victim: Path, fuv: Sources) -> None:
    folder = next((fuv_copy / "photons" / "band=FUV").iterdir())
    kept = folder.rename(folder.with_name("kept"))
    (victim / "deep").rename(victim / "leg=0")
    folder.symlink_to(victim)
    with Archive(fuv_copy) as archive:
        with pytest.raises(GPhotonError, match="leads out of the archive"):
            ingest(archive, fuv, force=True)
        with pytest.raises(QueryError, match="sees the archive and no other file"):
            archive.query("SELECT count(*) FROM photons")
    assert kept.is_dir()


def test_photons_on_another_disk_beside_a_linked_root_work(fuv_root: Path, tmp_path: Path) -> None:
    link = tmp_path / "linked"
    link.symlink_to(fuv_root)
    with Archive(fuv_root) as archive, Archive(link) as linked:
        assert count(linked, "photons") == count(archive, "photons") > 0


HEADS = {
    "a view for a table": (
        "ALTER TABLE archive_info RENAME TO was",
        "CREATE VIEW archive_info AS SELECT was.* FROM was, read_text({secret})",
    ),
    "a view that is no table": (
        "DROP TABLE archive_info",
        "CREATE VIEW archive_info AS SELECT 5 AS schema_version FROM range(1000000000000)",
    ),
    "a view for segments": (
        "CREATE TABLE s AS FROM segments",
        "DROP TABLE segments",
        "CREATE VIEW segments AS FROM s",
    ),
    "segments elsewhere": ("UPDATE segments SET path = '../victim/deep/a-1.parquet'",),
    "absolute segments": ("UPDATE segments SET path = '/etc/hostname'",),
    "segments of no table": ("UPDATE segments SET table_name = 'x' WHERE table_name = 'legs'",),
    "no version": ("DELETE FROM archive_info",),
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_that_is_none_is_refused(name: str, fuv_copy: Path, victim: Path) -> None:
    secret = literal(str(victim / "thesis.txt"))
    in_head(fuv_copy, *(text.replace("{secret}", secret) for text in HEADS[name]))
    with pytest.raises(ArchiveError, match=r"gphoton\.duckdb away"):
        Archive(fuv_copy)


def test_its_own_views_and_macros_see_the_archive_only(fuv_copy: Path, victim: Path) -> None:
    secret = literal(str(victim / "thesis.txt"))
    in_head(
        fuv_copy,
        f"CREATE OR REPLACE VIEW visits AS FROM read_text({secret})",
        f"CREATE OR REPLACE MACRO exposure(place := {secret}) AS TABLE FROM read_csv(place)",
        "CREATE OR REPLACE MACRO count_rate(place := 'http://127.0.0.1:9/x.parquet') AS TABLE "
        "FROM read_parquet(place)",
    )
    with Archive(fuv_copy) as archive:
        for name in ("visits", "exposure()", "count_rate()"):
            with pytest.raises(QueryError, match="no other file"):
                archive.query(f"FROM {name}")


@pytest.mark.parametrize(
    "statement",
    [
        "FROM read_text({secret})",
        "FROM {secret}",
        "SELECT * FROM query\u200b('SELECT 1')",
        "SELECT * FROM query\ufeff ('SELECT 1')",
        "SELECT * FROM \"query\"\u00a0('SELECT 1')",
        "SELECT '" + "x" * 60_000 + "' FROM query('SELECT 1')",
        "SELECT '" + "x" * 60_000 + "' FROM query /* here */ ('SELECT 1')",
        "PRAGMA import_database({folder})",
        "LOAD httpfs",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM sqlite_scan({secret}, 'x')",
    ],
)
def test_statements_that_go_beyond_are_refused(statement: str, full: Archive, victim: Path) -> None:
    text = statement.replace("{secret}", literal(str(victim / "thesis.txt")))
    with pytest.raises(QueryError):
        full.query(text.replace("{folder}", literal(str(victim))))


def test_files_that_are_named_may_be_read(full: Archive, victim: Path) -> None:
    secret = victim / "thesis.txt"
    statement = f"SELECT content FROM read_text({literal(str(secret))})"
    with pytest.raises(QueryError, match="--file"):
        full.query(statement)
    assert full.query(statement, files=[secret]).rows() == [{"content": "precious"}]
    with full.stream(statement, files=[victim]) as rows:
        assert sum(batch.num_rows for batch in rows.batches) == 1
    with pytest.raises(QueryError):
        full.query(statement, files=[victim / "data.lock"])


def test_time_and_memory_are_limited(full: Archive) -> None:
    with pytest.raises(QueryError, match="longer than it may"):
        full.query(
            "SELECT count(*) FROM range(10000000) a, range(10000000) b "
            "WHERE a.range * b.range % 7 = 3",
            seconds=0.1,
        )
    with pytest.raises(QueryError, match="Out of Memory"):
        full.query("SELECT len(list(range)) FROM range(20000000)", memory="50MB")
    with pytest.raises(QueryError, match="not a size"):
        full.query("SELECT 1", memory="much")
    assert full.query("SELECT 1 AS one", seconds=60, memory="1GB").rows() == [{"one": 1}]


def test_a_place_that_is_no_file_is_reported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gphoton.duckdb")
    with pytest.raises(ArchiveError, match="is not a file"):
        Archive(tmp_path)


def test_what_is_inserted_is_removed_later(fuv_copy: Path) -> None:
    before = parquet_hashes(fuv_copy)
    catalogue = Catalogue(ArchivePaths(fuv_copy))
    with locked(catalogue.paths), catalogue.changing() as connection:
        insert_superseded(connection, ["../x"])
    assert parquet_hashes(fuv_copy) == before
