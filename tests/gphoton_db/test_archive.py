"""The archive as Python sees it."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue import catalogue
from gphoton_db.errors import ArchiveError, GPhotonError, OfflineError
from gphoton_db.mission import Band
from tests.gphoton_db.archives import (
    ROOT,
    Sources,
    assert_sound,
    assert_tidy,
    contents,
    count,
    ingest,
    parquet_hashes,
    shell_count,
)


def test_its_name_says_where_it_is(full: Archive, full_root: Path) -> None:
    assert repr(full) == f"Archive({str(full_root)!r})"


def test_the_path_may_start_with_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Archive("~/photons").paths.root == tmp_path / "photons"


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="cannot be made or read"):
        Archive(tmp_path / "file" / "archive")


def test_both_bands_have_their_legs(full: Archive, nuv: Sources) -> None:
    legs = full.legs()
    assert [(leg.eclipse, leg.band, leg.leg) for leg in legs] == [
        (23500, "FUV", 0),
        (23500, "FUV", 1),
        (23500, "NUV", 0),
        (23500, "NUV", 1),
    ]
    assert [leg.ra0 for leg in legs] == [323.5, 324.5] * 2
    assert all(leg.exposure > 0 and leg.n_photons > leg.n_unflagged > 0 for leg in legs)
    assert full.legs(23500) == legs
    assert full.legs(1) == []


def test_what_the_catalogue_says_is_there(full_root: Path) -> None:
    assert_sound(full_root)
    assert_tidy(full_root)


def test_a_report_says_what_was_done_progress_is_told_and_others_see_it(
    fuv_copy: Path, nuv: Sources
) -> None:
    told: list[tuple[str, int, int]] = []
    with Archive(fuv_copy) as archive, Archive(fuv_copy) as other:
        before = count(other, "photons")
        report = archive.ingest(
            nuv.eclipse, nuv.band, **nuv.paths, on_progress=lambda *step: told.append(step)
        )
        assert (report.eclipse, report.band, report.outcome) == (23500, Band.NUV, "ingested")
        assert list(report.legs) == [leg for leg in archive.legs() if leg.band == "NUV"]
        assert report.n_events is not None
        assert report.n_events > report.n_photons > report.n_unflagged > 0
        assert report.size_bytes == sum(
            path.stat().st_size for path in (fuv_copy / "photons" / "band=NUV").rglob("*.parquet")
        )
        assert count(other, "photons") == count(archive, "photons") == before + report.n_photons
        # Another process does, too.
        assert shell_count(fuv_copy) == before + report.n_photons
    assert_told_in_order(told)


def assert_told_in_order(told: list[tuple[str, int, int]]) -> None:
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["reading", "reducing", "writing"]
    for stage in stages:
        done = [n for name, n, _ in told if name == stage]
        totals = {total for name, _, total in told if name == stage}
        assert done == sorted(done)
        assert totals == {done[-1]}


@pytest.mark.deep
def test_inputs_may_lie_in_the_archive(tmp_path: Path, nuv: Sources) -> None:
    root = tmp_path / "archive"
    shutil.copytree(nuv.pointing, root / "pointing")
    shutil.copytree(nuv.raw6.parent, root / "raw6")
    (root / "calibration").symlink_to(nuv.calibration)
    with Archive(root) as archive:
        assert archive.ingest(23500, "nuv").outcome == "ingested"


@pytest.mark.parametrize(
    "missing",
    [
        "raw6",
        pytest.param("pointing", marks=pytest.mark.deep),
        pytest.param("calibration", marks=pytest.mark.deep),
    ],
)
def test_an_input_that_is_not_given_is_named(missing: str, full_copy: Path, nuv: Sources) -> None:
    paths = {name: path for name, path in nuv.paths.items() if name != missing}
    with Archive(full_copy) as archive, pytest.raises(OfflineError, match=f"no {missing}"):
        archive.ingest(23500, "NUV", force=True, **paths)


def test_what_is_there_is_skipped(
    full_copy: Path, full_contents: dict[str, Any], nuv: Sources
) -> None:
    with Archive(full_copy) as archive:
        n_ingests = count(archive, "ingests")
        report = ingest(archive, nuv)
        assert report.outcome == "skipped"
        assert report.n_events is None
        assert [leg.leg for leg in report.legs] == [0, 1]
        assert count(archive, "ingests") == n_ingests
    assert contents(full_copy) == full_contents


def test_what_is_there_is_replaced_by_force_and_removed_after_a_while(
    full_copy: Path, nuv: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = parquet_hashes(full_copy)
    with Archive(full_copy) as archive:
        old = [leg.generation for leg in archive.legs() if leg.band == "NUV"]
        n_photons = sum(leg.n_photons for leg in archive.legs())
        with catalogue.Catalogue(archive.paths).reader() as reader:
            report = ingest(archive, nuv, force=True)
            # A reader keeps what it opened.
            assert reader.execute("SELECT count(*) FROM photons").fetchall() == [(n_photons,)]
        assert report.outcome == "replaced"
        assert {leg.generation for leg in report.legs}.isdisjoint(old)
        # Readers of the old catalogue still need the old files.
        superseded = archive.query("SELECT path FROM superseded_files").rows()
        assert sum(not row["path"].startswith("catalogue/") for row in superseded) == 8
        both = parquet_hashes(full_copy)
        assert first.items() <= both.items()
        assert_sound(full_copy)
        assert_tidy(full_copy)
        # An ingest takes longer than that.
        monkeypatch.setattr(catalogue, "SUPERSEDED_FOR", timedelta(milliseconds=100))
        ingest(archive, nuv, force=True)
        left = parquet_hashes(full_copy)
    assert not {name for name in first if "band=NUV" in name} & left.keys()
    assert both.keys() - first.keys() < left.keys()
    assert_sound(full_copy)
    assert_tidy(full_copy)


def test_a_closed_archive_opens_itself_again(full_root: Path) -> None:
    archive = Archive(full_root)
    archive.close()
    archive.close()
    assert len(archive.legs()) == 4
    archive.close()


READER = """
import sys, time
from gphoton_db import Archive
archive = Archive(sys.argv[1])
n, counts = 0, set()
print("ready", flush=True)
while n < 3 or not (archive.paths.root / "stop").exists():
    (row,) = archive.query("SELECT count(*) AS n, min(t) AS t FROM photons").rows()
    counts.add(row["n"])
    n += 1
    time.sleep(0.01)
print(*sorted(counts))
"""


def test_queries_run_during_commits(fuv_copy: Path, nuv: Sources) -> None:
    command = [sys.executable, "-W", "error", "-c", READER, str(fuv_copy)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        with Archive(fuv_copy) as archive:
            n_before = count(archive, "photons")
            ingest(archive, nuv)
            n_after = count(archive, "photons")
        (fuv_copy / "stop").touch()
        out, err = reader.communicate(timeout=60)
    assert err == ""
    assert set(map(int, out.split())) <= {n_before, n_after}
    assert n_after in map(int, out.split())


def test_a_band_must_be_one(full: Archive, nuv: Sources) -> None:
    with pytest.raises(GPhotonError, match="unknown band 'XUV'"):
        full.ingest(23500, "XUV", **nuv.paths)
