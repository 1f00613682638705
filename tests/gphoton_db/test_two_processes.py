"""Several processes that change one archive at once."""

import json
import os
import platform
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from gphoton_db.archive import Archive
from gphoton_db.catalogue import file as catalogue_file
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.errors import ArchiveError
from gphoton_db.intake.many.waiting import Waiting
from gphoton_db.intake.staging import claim_staging
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from tests.gphoton_db.archives import (
    Sources,
    assert_sound,
    assert_tidy,
    contents,
    count,
    ingest,
    legs_of,
    parquet_hashes,
    start_program,
)


def finish(processes: list[subprocess.Popen[str]]) -> None:
    """Wait for all, which must succeed."""
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert len(out.splitlines()) == 1
        _archive, *waiting, warning = err.splitlines()
        assert all("waits for process " in line for line in waiting)
        assert "calibrated with synthetic-" in warning
        assert "\x1b" not in out + err


def test_different_bands_and_eclipses_are_both_there(
    tmp_path: Path, fuv: Sources, next_eclipse: Sources
) -> None:
    root = tmp_path / "archive"  # which both try to make
    finish(
        [
            start_program(["--archive", str(root), *sources.arguments()], folder=tmp_path)
            for sources in (fuv, next_eclipse)
        ]
    )
    with Archive(root) as archive:
        assert [(leg.eclipse, leg.band, leg.leg) for leg in archive.legs()] == [
            (eclipse, band, leg)
            for eclipse, band in ((23500, "FUV"), (23501, "NUV"))
            for leg in (0, 1)
        ]
        assert count(archive, "ingests") == 2
        assert count(archive, "eclipses") == 2
    assert_sound(root)
    assert_tidy(root)


def test_of_the_same_band_one_version_is_there(fuv_copy: Path, nuv: Sources) -> None:
    command = ["--archive", str(fuv_copy), *nuv.arguments("--force")]
    finish([start_program(command, folder=fuv_copy) for _ in range(2)])
    legs = legs_of(fuv_copy, Band.NUV)
    assert [leg.leg for leg in legs] == [0, 1]
    assert len({leg.generation for leg in legs}) == 1
    with Archive(fuv_copy) as archive:
        assert count(archive, "ingests") == 3
    assert_sound(fuv_copy)
    assert_tidy(fuv_copy)


def test_of_the_same_band_only_one_is_reduced(fuv_copy: Path, nuv: Sources) -> None:
    command = ["--archive", str(fuv_copy), *nuv.arguments("--json")]
    processes = [start_program(command, folder=fuv_copy) for _ in range(2)]
    outcomes = [
        json.loads(process.communicate(timeout=120)[0])["ingests"][0]["outcome"]
        for process in processes
    ]
    assert sorted(outcomes) == ["ingested", "skipped"]
    with Archive(fuv_copy) as archive:
        assert count(archive, "ingests") == 2
    assert_sound(fuv_copy)
    assert_tidy(fuv_copy)


def test_who_comes_second_keeps_the_catalogue_of_the_first(
    full_copy: Path, full_contents: dict[str, Any]
) -> None:
    Catalogue(ArchivePaths(full_copy)).restore(lambda _: [])
    assert contents(full_copy) == full_contents


def test_files_of_a_living_ingest_are_left_alone_and_a_commit_that_never_ends_is_reported(
    fuv_copy: Path, nuv: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FileLock(fuv_copy / "staging" / "abc.lock"), Archive(fuv_copy) as archive:
        (fuv_copy / "staging" / "abc").mkdir()
        ingest(archive, nuv)
        assert (fuv_copy / "staging" / "abc").is_dir()
    before = parquet_hashes(fuv_copy)
    monkeypatch.setattr(catalogue_file, "LOCK_TIMEOUT_S", 0.1)
    with Archive(fuv_copy) as archive, FileLock(archive.paths.lock):
        legs = archive.legs()
        with pytest.raises(ArchiveError, match=r"gphoton\.lock: another process has held it"):
            ingest(archive, nuv, force=True)
        assert archive.legs() == legs
    assert parquet_hashes(fuv_copy) == before
    assert_tidy(fuv_copy)


def test_many_ingests_say_for_whom_they_wait_and_do_not_wait_for_ever(
    tmp_path: Path,
    nuv: Sources,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gphoton_db.intake.many.run.Waiting", partial(Waiting, 0.3))
    who = f"process {os.getpid()} on {platform.node()}, which began at "
    with Archive(tmp_path / "archive", create=True) as archive:
        held = claim_staging(archive.paths.staging, nuv.eclipse, nuv.band)
        assert held is not None
        wanted, paths = [(nuv.eclipse, nuv.band)], {**nuv.paths, "raw6": nuv.raw6.parent}
        done = archive.ingest_many(wanted, jobs=1, **paths)
        held.release()
        (failure,) = done.failures
        assert failure.reason.startswith(f"e{nuv.eclipse} NUV: {who}")
        assert "did not end within 0 s: end it if it hangs" in failure.reason
        assert f"e{nuv.eclipse} NUV: waits for {who}" in caplog.text
        assert caplog.text.count("waits for") == 1
        assert not archive.legs()
        logged = archive.query("SELECT outcome, message FROM ingests").rows()
        assert logged == [{"outcome": "failed", "message": failure.reason}]
        again = archive.ingest_many(wanted, jobs=1, **paths)
        assert [report.outcome for report in again.ingested] == ["ingested"]
