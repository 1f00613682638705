"""Files that get their name when they are complete."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gphoton_db.system import durable
from gphoton_db.system.durable import move_durably, sync_folders, written_beside


@pytest.fixture
def umask() -> Iterator[int]:
    old = os.umask(0o027)
    yield 0o027
    os.umask(old)


def test_a_file_takes_its_name_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with written_beside(path) as temporary:
        temporary.write_text("new")
        assert temporary.parent == tmp_path
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def fail(file: Path) -> None:
        with written_beside(file) as temporary:
            temporary.write_text("half")
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        fail(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_are_those_of_any_new_file(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "a.csv"
    with written_beside(path) as temporary:
        temporary.write_text("new")
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_folder_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), written_beside(tmp_path / "none" / "a.csv"):
        pass
    assert not list(tmp_path.iterdir())


def test_folders_of_files_that_are_moved_together_are_synced_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(durable, "sync_folder", synced.append)
    changed: set[Path] = set()
    for number in range(3):
        source = tmp_path / f"{number}"
        source.write_text("photons")
        move_durably(source, tmp_path / "photons" / "leg=0" / f"{number}", changed)
    assert synced == []
    assert changed == {tmp_path, tmp_path / "photons", tmp_path / "photons" / "leg=0"}
    sync_folders(changed)
    assert sorted(synced) == sorted(changed)
    (tmp_path / "alone").touch()
    move_durably(tmp_path / "alone", tmp_path / "ticks" / "alone")
    assert sorted(synced[3:]) == [tmp_path, tmp_path / "ticks"]
