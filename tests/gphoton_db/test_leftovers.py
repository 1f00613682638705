"""What killed processes leave is removed by the next that writes, and nothing else is."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.paths import leg_folder
from gphoton_db.system import leftovers
from gphoton_db.system.durable import written_beside
from gphoton_db.system.leftovers import abandoned_files, hidden_name

WRITE_FOR_EVER = """
import sys, time
from pathlib import Path
from gphoton_db.system.durable import written_beside
with written_beside(Path(sys.argv[1])) as temporary:
    print(temporary, flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def not_looked_at_before() -> None:
    """Forget which folders were looked at: a process does so once for each."""
    leftovers.remove_abandoned.cache_clear()


def begun(path: Path) -> "tuple[subprocess.Popen[str], Path]":
    """Return a process that writes a file, and the file."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE_FOR_EVER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    return process, Path(process.stdout.readline().strip())


def ended(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate()


def test_the_next_writer_in_a_folder_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    process, left = begun(tmp_path / "e00001-nd-f0030-b00-movie-r.fits")
    assert left.exists()
    ended(process)
    assert list(abandoned_files(tmp_path)) == [left]
    with written_beside(tmp_path / "another.csv") as temporary:
        temporary.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["another.csv"]


def test_a_file_that_is_being_written_stays(tmp_path: Path) -> None:
    process, file = begun(tmp_path / "a.csv")
    try:
        with written_beside(tmp_path / "a.csv") as temporary:
            temporary.write_text("whole")
        assert file.exists()
    finally:
        ended(process)


def test_a_file_of_another_machine_stays_for_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(leftovers, "_machine", lambda: "0123abcd")
        file = tmp_path / hidden_name("a.csv")
    file.touch()
    assert list(abandoned_files(tmp_path)) == []
    yesterday = time.time() - 90_000
    os.utime(file, (yesterday, yesterday))
    assert list(abandoned_files(tmp_path)) == [file]


@pytest.mark.parametrize("name", [".a.csv", ".a.csv.swp", "a.gphoton-0123abcd-99999999-0123abcd"])
def test_hidden_files_of_others_are_none_of_ours(name: str, tmp_path: Path) -> None:
    (tmp_path / name).touch()
    assert list(abandoned_files(tmp_path)) == []


def test_sources_that_the_catalogue_does_not_list_go(full_copy: Path) -> None:
    with Archive(full_copy) as archive:
        folder = full_copy / leg_folder("sources", Band.NUV, 23500, 0)
        folder.mkdir(parents=True)
        stray = folder / "detected-0123456789abcdef.parquet"
        stray.write_bytes(b"PAR1")
        archive.photometry(23500, "NUV", leg=0)
        found = archive.query("SELECT path FROM source_files WHERE kind = 'sources'").arrow()
    assert not stray.exists()
    assert [(full_copy / path).is_file() for path in found["path"].to_pylist()] == [True]
