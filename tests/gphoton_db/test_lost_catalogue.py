"""A catalogue that was lost is made anew from the Parquet files; a damaged one is reported."""

import json
import logging
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import SCHEMA_VERSION
from gphoton_db.errors import ArchiveError
from gphoton_db.ingest.leg_files import read_manifest
from gphoton_db.intake import stage
from gphoton_db.intake.manifest import Manifest
from gphoton_db.intake.scan import scan_archive
from gphoton_db.mission import Band
from gphoton_db.paths import FILE_KINDS
from tests.examples import deep
from tests.gphoton_db.archives import (
    Sources,
    assert_sound,
    assert_tidy,
    contents,
    count,
    ingest,
    legs_of,
)


def files_of(root: Path, kind: str, band: str = "NUV") -> list[Path]:
    return sorted((root / kind / f"band={band}").rglob("*.parquet"))


def test_it_is_made_anew_from_the_files(
    full_copy: Path, full_contents: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    (full_copy / "gphoton.duckdb").unlink()
    assert contents(full_copy) == full_contents
    assert "made anew from the files of 2 ingests" in caplog.text
    assert_sound(full_copy)
    assert_tidy(full_copy)


@pytest.mark.parametrize("name", [".91-{}", "a copy of 1-{}", "notes-{}"])
def test_files_that_are_none_of_the_catalogue_are_left_out(
    name: str, full_copy: Path, full_contents: dict[str, Any]
) -> None:
    # One with a dot was being written when its process was killed.
    for file in list((full_copy / "catalogue" / "ingests").glob("*.parquet")):
        half = file.with_name(name.format(file.name.partition("-")[2]))
        half.write_bytes(file.read_bytes())
    (full_copy / "gphoton.duckdb").unlink()
    assert contents(full_copy) == full_contents
    assert_sound(full_copy)
    assert half.exists() == (not name.startswith("."))


def test_the_ingests_that_made_the_files_are_logged_again(full_copy: Path) -> None:
    (full_copy / "gphoton.duckdb").unlink()
    with Archive(full_copy) as archive:
        outcomes = archive.query("SELECT band, outcome FROM ingests ORDER BY started_at").rows()
    assert outcomes == [
        {"band": "FUV", "outcome": "ingested"},
        {"band": "NUV", "outcome": "ingested"},
    ]


def test_the_newest_version_of_a_leg_counts(full_copy: Path, nuv: Sources) -> None:
    with Archive(full_copy) as archive:
        ingest(archive, nuv, force=True)
    before = contents(full_copy)
    (full_copy / "gphoton.duckdb").unlink()
    assert contents(full_copy) == before
    assert_sound(full_copy)


def test_the_clock_does_not_say_which_version_counts(
    full_copy: Path, nuv: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, Archive(full_copy) as archive:
        patch.setattr(stage, "now", lambda: datetime(2001, 1, 1))
        ingest(archive, nuv, force=True)
    before = contents(full_copy)
    (full_copy / "gphoton.duckdb").unlink()
    shutil.rmtree(full_copy / "catalogue")
    assert contents(full_copy) == before
    assert_sound(full_copy)


def test_a_copy_of_a_leg_s_file_is_no_leg(
    full_copy: Path, full_contents: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    first = files_of(full_copy, "ticks")[0]
    shutil.copy(first, first.with_name("copy of the ticks.parquet"))
    shutil.copytree(first.parent, first.parent.with_name("leg=7"))
    (full_copy / "gphoton.duckdb").unlink()
    shutil.rmtree(full_copy / "catalogue")
    found = contents(full_copy)
    assert {name: found[name] for name in ("legs", "leg_files")} == {
        name: full_contents[name] for name in ("legs", "leg_files")
    }
    assert "copy of the ticks.parquet: left out" in caplog.text


def test_old_versions_are_removed_by_the_next_ingest(full_copy: Path, nuv: Sources) -> None:
    with Archive(full_copy) as archive:
        ingest(archive, nuv, force=True)
    (full_copy / "gphoton.duckdb").unlink()
    with Archive(full_copy) as archive:
        ingest(archive, nuv, force=True)
    assert_tidy(full_copy)


@pytest.mark.parametrize("kind", ["photons", "ticks", "aspect"])
def test_an_ingest_that_lacks_a_file_is_left_out(
    kind: str, full_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (full_copy / "gphoton.duckdb").unlink()
    files_of(full_copy, kind)[1].unlink()
    assert legs_of(full_copy, Band.NUV) == []
    assert len(legs_of(full_copy, Band.FUV)) == 2
    assert "left out" in caplog.text
    assert_sound(full_copy)


@pytest.mark.parametrize("kind", ["photons", "ticks", "aspect"] if deep() else ["aspect"])
def test_an_ingest_with_a_truncated_file_is_left_out(
    kind: str, full_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (full_copy / "gphoton.duckdb").unlink()
    damaged = files_of(full_copy, kind)[0]
    damaged.write_bytes(damaged.read_bytes()[:-100])
    assert legs_of(full_copy, Band.NUV) == []
    assert damaged.name in caplog.text
    assert_sound(full_copy)


def test_an_older_version_counts_where_the_newest_is_not_whole(
    full_copy: Path, nuv: Sources
) -> None:
    before = legs_of(full_copy, Band.NUV)
    old = set(files_of(full_copy, "photons"))
    with Archive(full_copy) as archive:
        ingest(archive, nuv, force=True)
    (set(files_of(full_copy, "photons")) - old).pop().unlink()
    (full_copy / "gphoton.duckdb").unlink()
    assert legs_of(full_copy, Band.NUV) == before
    assert_sound(full_copy)


def test_strange_files_are_no_part_of_an_archive(
    full_copy: Path, full_contents: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    ticks = files_of(full_copy, "ticks")[0]
    (full_copy / "gphoton.duckdb").unlink()
    pq.write_table(pq.read_table(ticks).replace_schema_metadata(), ticks.with_name("x.parquet"))
    (ticks.parent / "y.parquet").write_bytes(b"PAR1 no more")
    after = contents(full_copy)
    assert {k: after[k] for k in after if k != "files"} == {
        k: full_contents[k] for k in full_contents if k != "files"
    }
    assert "is not a ticks file of gphoton-db" in caplog.text
    assert "cannot be read" in caplog.text


def test_an_archive_may_be_made_from_a_moved_folder_of_files(
    full_root: Path, full_contents: dict[str, Any], tmp_path: Path
) -> None:
    for kind in FILE_KINDS:
        shutil.copytree(full_root / kind, tmp_path / kind)
    assert contents(tmp_path) == full_contents


@pytest.mark.parametrize("content", [b"", b"this is no database" * 1000])
def test_a_damaged_catalogue_is_an_error(content: bytes, full_copy: Path) -> None:
    (full_copy / "gphoton.duckdb").write_bytes(content)
    with pytest.raises(ArchiveError, match=r"gphoton\.duckdb: cannot be opened.*move it away"):
        Archive(full_copy)
    assert (full_copy / "gphoton.duckdb").read_bytes() == content


def test_a_catalogue_that_is_damaged_inside_is_an_error(full_copy: Path, nuv: Sources) -> None:
    catalogue = full_copy / "gphoton.duckdb"
    content = bytearray(catalogue.read_bytes())
    content[len(content) // 4 :] = bytes(len(content) - len(content) // 4)
    catalogue.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"gphoton\.duckdb"):
        Archive(full_copy).legs()


def test_moving_a_damaged_catalogue_away_helps(
    full_copy: Path, full_contents: dict[str, Any]
) -> None:
    (full_copy / "gphoton.duckdb").write_bytes(b"garbage")
    with pytest.raises(ArchiveError):
        Archive(full_copy)
    (full_copy / "gphoton.duckdb").rename(full_copy.parent / "damaged.duckdb")
    assert contents(full_copy) == full_contents


def test_a_catalogue_of_another_version_is_an_error(
    full_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gphoton_db.catalogue.catalogue.SCHEMA_VERSION", 1)
    with pytest.raises(
        ArchiveError, match=f"schema version {SCHEMA_VERSION}, this gphoton-db knows 1"
    ):
        Archive(full_copy)


def test_a_log_beside_a_lost_catalogue_is_an_error(full_copy: Path) -> None:
    (full_copy / "gphoton.duckdb").unlink()
    (full_copy / "gphoton.duckdb.wal").write_bytes(b"somebody's changes")
    with pytest.raises(ArchiveError, match="a DuckDB shell"):
        Archive(full_copy)
    assert (full_copy / "gphoton.duckdb.wal").read_bytes() == b"somebody's changes"


def test_a_log_beside_the_catalogue_stops_ingests_and_nothing_else(
    full_copy: Path, full_contents: dict[str, Any], nuv: Sources
) -> None:
    log = full_copy / "gphoton.duckdb.wal"
    log.write_bytes(b"somebody's changes")
    with Archive(full_copy) as archive:
        assert count(archive, "legs") == 4
        with pytest.raises(ArchiveError, match="a DuckDB shell"):
            ingest(archive, nuv, force=True)
    assert log.read_bytes() == b"somebody's changes"
    assert contents(full_copy) == full_contents


def test_a_manifest_survives_its_text(full_root: Path) -> None:
    for path in files_of(full_root, "ticks"):
        text, n_rows = read_manifest(path)
        manifest = Manifest.from_json(text)
        assert Manifest.from_json(manifest.to_json()) == manifest
        assert json.loads(manifest.to_json()) == json.loads(text)
        assert n_rows == pq.read_metadata(path).num_rows


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"leg": {}, "ingest": {}}', '{"leg": null}'])
def test_what_is_no_manifest_is_an_error(text: str) -> None:
    with pytest.raises(ArchiveError, match="not a manifest"):
        Manifest.from_json(text)


def test_a_folder_without_files_holds_no_ingests(tmp_path: Path) -> None:
    assert list(scan_archive(tmp_path)) == []


def test_nothing_is_logged_where_nothing_was_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        Archive(tmp_path / "new", create=True).close()
    assert caplog.records == []
