"""What `gphoton-db doctor` finds, and what it says of it."""

import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from filelock import FileLock

from gphoton_db.paths import ArchivePaths
from gphoton_db.system import examination
from gphoton_db.system.examination import Verdict, examine_machine, examine_space, examine_writing
from tests.gphoton_db.conftest import Cli


def by_name(out: str) -> dict[str, dict[str, str]]:
    return {each["what"]: each for each in json.loads(out)}


def test_a_sound_archive_is_found_to_be_so(full_copy: Path, cli: Cli) -> None:
    done = cli("--archive", full_copy, "doctor", "--json")
    found = by_name(done.out)
    assert done.code == 0
    assert found["archive"]["verdict"] == "ok"
    assert found["archive"]["found"].startswith(f"{full_copy}: ")
    assert found["writing"]["verdict"] == "ok"
    assert found["packages"]["verdict"] == "ok"
    assert f"numpy {metadata.version('numpy')}" in found["packages"]["found"]
    assert "lock" not in found
    assert not [path for path in full_copy.iterdir() if "doctor" in path.name]


def test_a_person_reads_a_line_for_each_with_what_to_do(tmp_path: Path, cli: Cli) -> None:
    done = cli("--archive", tmp_path / "none", "doctor")
    assert done.code == 0
    assert f"note    archive: {tmp_path / 'none'}: there is none" in done.out
    assert "gphoton-db ingest makes one" in done.out
    assert not (tmp_path / "none").exists()


def test_a_file_is_no_archive(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "file").touch()
    done = cli("--archive", tmp_path / "file", "doctor", "--json")
    assert done.code == 1
    assert by_name(done.out)["archive"]["found"] == f"{tmp_path / 'file'}: is no folder"


def test_a_damaged_catalogue_is_an_error(full_copy: Path, cli: Cli) -> None:
    (full_copy / "gphoton.duckdb").write_bytes(b"no catalogue")
    done = cli("--archive", full_copy, "doctor", "--json")
    assert done.code == 1
    assert by_name(done.out)["archive"]["verdict"] == "error"
    assert "gphoton.duckdb" in by_name(done.out)["archive"]["found"]


def test_a_lock_that_another_process_has_is_said(full_copy: Path, cli: Cli) -> None:
    hold = f"""
from filelock import FileLock
with FileLock({str(ArchivePaths(full_copy).lock)!r}):
    print("held", flush=True)
    input()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    done = cli("--archive", full_copy, "doctor", "--json")
    process.communicate("\n")
    assert by_name(done.out)["lock"]["verdict"] == "warning"
    with FileLock(ArchivePaths(full_copy).lock, timeout=0):
        pass


@pytest.mark.parametrize(
    ("free", "verdict"),
    [(1e8, Verdict.ERROR), (1e9, Verdict.WARNING), (1e11, Verdict.OK)],
)
def test_room_on_the_disk(
    free: float, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=int(free)))
    found = examine_space("disk", tmp_path / "not" / "there")
    assert found.verdict is verdict
    assert bool(found.remedy) is (verdict is not Verdict.OK)


def test_a_package_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "requires", lambda name: ["numpy>=999", "no-such-package"])
    found = {each.what: each for each in examine_machine("gphoton-db")}["packages"]
    assert found.verdict is Verdict.ERROR
    assert "no-such-package is missing" in found.found
    assert f"numpy is {metadata.version('numpy')}, not >=999" in found.found


def test_little_memory_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "_limit", lambda: 5e8)
    found = {each.what: each for each in examine_machine("gphoton-db")}["memory"]
    assert found.verdict is Verdict.WARNING
    assert "may use 0.5 GB" in found.found


def test_a_folder_that_cannot_be_written_to_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (found,) = examine_writing(tmp_path)
    assert found.verdict is Verdict.NOTE
