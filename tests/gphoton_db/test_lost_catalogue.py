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
from gphoton_db.paths import FILE_KINDS
from tests.gphoton_db.archives import (
    Sources,
    assert_sound,
    assert_summed_up,
    assert_tidy,
    contents,
    count,
    ingest,
    newest_outlines,
)


def files_of(root: Path, kind: str, band: str = "NUV") -> list[Path]:
    return sorted((root / kind / f"band={band}").rglob("*.parquet"))


def without_files(found: dict[str, Any]) -> dict[str, Any]:
    return {name: rows for name, rows in found.items() if name != "files"}


def outcomes(root: Path) -> list[tuple[str, str]]:
    with Archive(root) as archive:
        rows = archive.query("SELECT band, outcome FROM ingests ORDER BY started_at").rows()
    return [(row["band"], row["outcome"]) for row in rows]


BOTH_INGESTED = [("FUV", "ingested"), ("NUV", "ingested")]


def test_a_damaged_one_is_moved_away_and_made_anew_without_strange_files(
    full_copy: Path, full_contents: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    outlines = newest_outlines(full_copy)
    content = outlines.read_bytes()
    for file in list((full_copy / "catalogue" / "ingests").glob("*.parquet")):
        name = file.name.partition("-")[2]
        strange = [file.with_name(f"{start}-{name}") for start in ("a copy of 1", "notes")]
        half = file.with_name(f".91-{name}")  # was being written when its process was killed
        for path in (half, *strange):
            path.write_bytes(file.read_bytes())
    (full_copy / "gphoton.duckdb").write_bytes(b"garbage")
    with pytest.raises(ArchiveError, match="move it away"):
        Archive(full_copy)
    (full_copy / "gphoton.duckdb").rename(full_copy.parent / "damaged.duckdb")
    assert contents(full_copy) == full_contents
    assert "made anew from the files of 2 ingests" in caplog.text
    assert outcomes(full_copy) == BOTH_INGESTED
    # Outlines that hold stay where they are; `assert_tidy` looks whether they are listed.
    assert (newest_outlines(full_copy), outlines.read_bytes()) == (outlines, content)
    assert_sound(full_copy)
    assert_tidy(full_copy)
    assert_summed_up(full_copy)
    assert not half.exists()
    assert all(path.exists() for path in strange)


def outlines_and_pauses(root: Path) -> list[list[dict[str, Any]]]:
    with Archive(root) as archive:
        return [
            archive.query(f"FROM {table} ORDER BY ALL").rows()
            for table in ("coverage", "shutter_gaps")
        ]


def test_a_moved_folder_of_files_makes_an_archive_in_which_copies_are_no_legs(
    full_root: Path,
    full_contents: dict[str, Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Outlines and pauses are in the ticks files: the pointing is not looked at, and nothing is
    # left for the statement of commits.
    monkeypatch.setattr("gphoton_db.catalogue.coverage.pointing_coverage", lambda *_: None)
    monkeypatch.setattr("gphoton_db.catalogue.shutter_gaps.MOST_TICKS", "never compared")
    for kind in FILE_KINDS:
        shutil.copytree(full_root / kind, tmp_path / kind)
    first = files_of(tmp_path, "ticks")[0]
    shutil.copytree(first.parent, first.parent.with_name("leg=7"))
    shutil.copy(first, first.with_name("copy of the ticks.parquet"))
    pq.write_table(pq.read_table(first).replace_schema_metadata(), first.with_name("x.parquet"))
    (first.parent / "y.parquet").write_bytes(b"PAR1 no more")
    found = contents(tmp_path)
    assert without_files(found) == without_files(full_contents)
    assert full_contents["files"].items() <= found["files"].items()
    assert "copy of the ticks.parquet: cannot be read: it is another file" in caplog.text
    assert "x.parquet: is not a ticks file of gphoton-db" in caplog.text
    assert "y.parquet: cannot be read" in caplog.text
    outlines, pauses = outlines_and_pauses(tmp_path)
    assert [outlines, pauses] == outlines_and_pauses(full_root)
    assert len(outlines) == 4
    assert {row["leg"] for row in pauses} == {0, 1}
    assert outcomes(tmp_path) == BOTH_INGESTED
    assert_summed_up(tmp_path)


def test_the_newest_whole_version_of_a_leg_counts_and_old_ones_are_removed(
    full_copy: Path,
    nuv: Sources,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # The clock does not say which is the newest.
    with monkeypatch.context() as patch, Archive(full_copy) as archive:
        patch.setattr(stage, "now", lambda: datetime(2001, 1, 1))
        ingest(archive, nuv, force=True)
    before = contents(full_copy)
    (full_copy / "gphoton.duckdb").unlink()
    shutil.rmtree(full_copy / "catalogue")
    assert contents(full_copy) == before
    assert_sound(full_copy)
    old = set(files_of(full_copy, "photons"))
    with Archive(full_copy) as archive:
        ingest(archive, nuv, force=True)
    assert_tidy(full_copy)
    (set(files_of(full_copy, "photons")) - old).pop().unlink()
    (full_copy / "gphoton.duckdb").unlink()
    with Archive(full_copy) as archive:
        assert [vars(leg) for leg in archive.legs()] == before["legs"]
    assert "left out" in caplog.text
    assert_sound(full_copy)


@pytest.mark.parametrize(
    ("lost", "cut"),
    [
        ("ticks", "aspect"),
        pytest.param("photons", "ticks", marks=pytest.mark.deep),
        pytest.param("aspect", "photons", marks=pytest.mark.deep),
    ],
)
def test_ingests_that_lack_a_file_or_have_a_truncated_one_are_left_out(
    lost: str, cut: str, full_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (full_copy / "gphoton.duckdb").unlink()
    files_of(full_copy, lost)[1].unlink()
    damaged = files_of(full_copy, cut, "FUV")[0]
    damaged.write_bytes(damaged.read_bytes()[:-100])
    with Archive(full_copy) as archive:
        assert archive.legs() == []
    assert damaged.name in caplog.text
    assert "band=NUV" in caplog.text
    assert_sound(full_copy)


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
