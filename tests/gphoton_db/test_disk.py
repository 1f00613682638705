"""A disk that is full, or may not be written, ends in one clear line and changes nothing."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gphoton_db.archive import Archive
from tests.gphoton_db.archives import (
    Sources,
    assert_sound,
    assert_tidy,
    contents,
    in_mount_namespace,
    parquet_hashes,
    run_program,
)
from tests.gphoton_db.conftest import Cli


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Let the system refuse to let files grow, as on a full disk; anybody may do so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def limit_for(moment: str, root: Path) -> int:
    return {
        "photons are written": 25_000,
        "the catalogue is copied": 400_000,
        "the catalogue grows": (root / "gphoton.duckdb").stat().st_size,
    }[moment]


MOMENTS = (
    pytest.param("photons are written", marks=pytest.mark.deep),  # as on a disk that is full
    pytest.param("the catalogue is copied", marks=pytest.mark.deep),
    "the catalogue grows",
)


@pytest.mark.parametrize("moment", MOMENTS)
def test_no_room_when(
    moment: str, fuv_copy: Path, fuv_contents: dict[str, Any], nuv: Sources, cli: Cli
) -> None:
    with no_file_larger_than(limit_for(moment, fuv_copy)):
        done = cli("--archive", fuv_copy, *nuv.arguments())
    assert (done.code, done.out) == (1, "")
    archive, *warnings, error = done.err.splitlines()
    assert archive == f"archive: {fuv_copy}"
    assert all("not for science" in warning for warning in warnings)
    assert error.startswith("error: ")
    assert "File too large" in error
    assert "as it was" in error
    assert contents(fuv_copy) == fuv_contents
    assert_sound(fuv_copy)
    assert_tidy(fuv_copy)


def test_queries_need_no_room(fuv_copy: Path) -> None:
    with no_file_larger_than(1_000), Archive(fuv_copy) as archive:
        assert len(archive.legs()) == 2


def test_a_disk_that_is_really_full(tmp_path: Path, fuv: Sources) -> None:
    (tmp_path / "disk").mkdir()
    # The disk is gone with the process, so what is on it is kept.
    prefix = in_mount_namespace(
        tmp_path / "disk",
        f'mount -t tmpfs -o size=2m archive "$0"; trap \'cp -r "$0" {tmp_path}/kept\' EXIT',
    )
    done = run_program(
        ["--archive", str(tmp_path / "disk"), *fuv.arguments()], folder=tmp_path, prefix=prefix
    )
    assert (done.returncode, done.stdout) == (1, "")
    error = done.stderr.splitlines()[-1]
    assert "No space left on device" in error
    assert "as it was" in error
    with Archive(tmp_path / "kept", create=True) as archive:
        assert archive.legs() == []
    assert parquet_hashes(tmp_path / "kept") == {}
    assert_tidy(tmp_path / "kept")


def test_a_folder_that_may_not_be_written(
    full_copy: Path, full_contents: dict[str, Any], nuv: Sources
) -> None:
    prefix = in_mount_namespace(full_copy, 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"')
    done = run_program(
        ["--archive", str(full_copy), *nuv.arguments("--force")], folder=full_copy, prefix=prefix
    )
    assert (done.returncode, done.stdout) == (1, "")
    error = done.stderr.splitlines()[-1]
    assert done.stderr == f"archive: {full_copy}\n{error}\n"
    assert "Read-only file system" in error
    assert contents(full_copy) == full_contents


def test_an_archive_cannot_be_made_below_a_file(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "file").touch()
    done = cli("--archive", tmp_path / "file" / "archive", "status")
    assert (done.code, done.out) == (1, "")
    (error,) = done.err.splitlines()
    assert "cannot be made or read" in error
