"""What was fetched can be counted and removed; what is somebody's own, and photons, stay."""

import json
import shutil
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from gphoton_db.errors import ArchiveError
from gphoton_db.intake.cache import clear_cache, survey_cache
from gphoton_db.paths import ArchivePaths
from gphoton_db.system.fetched import describe_fetched, record_fetched
from tests.gphoton_db.archives import parquet_hashes
from tests.gphoton_db.conftest import Cli


def fetched(folder: Path, name: str, content: bytes) -> None:
    """Put a file where it would be if it had been fetched."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    record_fetched(folder, describe_fetched(folder / name, name, "https://example.org"))


@pytest.fixture
def paths(full_copy: Path) -> ArchivePaths:
    """An archive with photons, fetched files, own files, and what broken downloads have left."""
    made = ArchivePaths(full_copy)
    fetched(made.raw6, "e23500-nd-raw6.fits.gz", b"12345")
    fetched(made.raw6, "e23501-nd-raw6.fits.gz", b"replaced by an own one of another length")
    (made.raw6 / "e23501-nd-raw6.fits.gz").write_bytes(b"own")
    (made.raw6 / "e23502-nd-raw6.fits.gz").write_bytes(b"own")
    (made.raw6 / "e23503-nd-raw6.fits.gz.part").write_bytes(b"1234567")
    (made.raw6 / "e23503-nd-raw6.fits.gz.part.json").write_bytes(b"{}")
    (made.raw6 / "e23504-nd-raw6.fits.gz.lock").touch()
    fetched(made.pointing, "e23500/aspect.parquet", b"123")
    fetched(made.pointing, "e23500-scst.fits.gz", b"1")
    (made.pointing / "notes.txt").write_text("own")
    fetched(made.calibration, "NUV_flat.fits", b"12")
    return made


OWN = {
    "raw6/e23501-nd-raw6.fits.gz",
    "raw6/e23502-nd-raw6.fits.gz",
    "pointing/notes.txt",
}
LOGS = {f"{kind}/fetched.jsonl" for kind in ("raw6", "pointing", "calibration")}


def left(paths: ArchivePaths) -> set[str]:
    """Return what lies in the folders, lock files of downloads apart."""
    folders = (paths.raw6, paths.pointing, paths.calibration)
    return {
        path.relative_to(paths.root).as_posix() for folder in folders for path in folder.rglob("*")
    }


def test_what_was_fetched_is_told_from_what_is_somebody_s_own(paths: ArchivePaths) -> None:
    counts = {
        found.kind: [
            (len(files.paths), files.size) for files in (found.fetched, found.own, found.leftovers)
        ]
        for found in survey_cache(paths)
    }
    assert counts == {
        "raw6": [(1, 5), (2, 6), (3, 9)],
        "pointing": [(2, 4), (1, 3), (0, 0)],
        "calibration": [(1, 2), (0, 0), (0, 0)],
    }


def test_clearing_removes_what_can_be_fetched_again(paths: ArchivePaths) -> None:
    photons = parquet_hashes(paths.root)
    removed = clear_cache(paths)
    assert (len(removed.paths), removed.size) == (6, 20)
    assert left(paths) == OWN | LOGS
    assert parquet_hashes(paths.root) == photons
    assert clear_cache(paths).paths == ()


def test_one_kind_alone_can_be_cleared(paths: ArchivePaths) -> None:
    before = left(paths)
    clear_cache(paths, ["calibration"])
    assert before - left(paths) == {"calibration/NUV_flat.fits"}


def test_downloads_that_are_under_way_stay(paths: ArchivePaths) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with FileLock(paths.raw6 / "e23503-nd-raw6.fits.gz.lock"):
            held.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(30)
    clear_cache(paths)
    done.set()
    holder.join()
    assert (paths.raw6 / "e23503-nd-raw6.fits.gz.part").read_bytes() == b"1234567"


def test_links_are_somebody_s_own(paths: ArchivePaths, tmp_path: Path) -> None:
    shutil.move(paths.calibration / "NUV_flat.fits", tmp_path / "NUV_flat.fits")
    (paths.calibration / "NUV_flat.fits").symlink_to(tmp_path / "NUV_flat.fits")
    clear_cache(paths)
    assert (paths.calibration / "NUV_flat.fits").read_bytes() == b"12"


def test_a_folder_that_cannot_be_read_is_named(paths: ArchivePaths) -> None:
    (paths.raw6 / "fetched.jsonl").unlink()
    (paths.raw6 / "fetched.jsonl").mkdir()
    with pytest.raises(ArchiveError, match=r"fetched\.jsonl: cannot be read"):
        survey_cache(paths)


def test_the_command_reports_and_clears(cli: Cli, paths: ArchivePaths) -> None:
    shown = cli("--archive", paths.root, "cache")
    rows = [line.split() for line in shown.out.splitlines()]
    assert shown.code == 0
    assert ["pointing", "2", "0.0", "1", "0.0", "0", "0.0"] in rows
    report = json.loads(cli("--archive", paths.root, "cache", "--json").out)
    assert report["archive"] == str(paths.root)
    assert report["kinds"][0]["fetched"] == {"n_files": 1, "size_bytes": 5}
    refused = cli("--archive", paths.root, "cache", "--clear")
    assert refused.code != 0
    assert "--yes" in refused.err
    done = cli("--archive", paths.root, "cache", "--clear", "--yes", "--kind", "raw6")
    assert (done.code, done.out) == (0, "removed 3 files, 0.0 MB\n")
    removed = json.loads(cli("--archive", paths.root, "cache", "--clear", "-y", "--json").out)
    assert removed["size_bytes"] == 6
    assert left(paths) == OWN | LOGS


def test_the_command_makes_no_archive(cli: Cli, tmp_path: Path) -> None:
    assert cli("--archive", tmp_path / "none", "cache").code == 0
    assert not (tmp_path / "none").exists()
    assert cli("cache", "--kind", "photons").code == 2
