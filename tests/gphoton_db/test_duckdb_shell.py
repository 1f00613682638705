"""The catalogue in the real DuckDB shell, as a user opens it; no shell is a failure here."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError, QueryError
from gphoton_db.query.sql_files import literal
from tests.gphoton_db.archives import (
    DUCKDB,
    STRANGE_NAME,
    Sources,
    assert_sound,
    assert_tidy,
    count,
    in_mount_namespace,
    in_shell,
    ingest,
    run_program,
)
from tests.gphoton_db.conftest import Cli

COUNT = "select count(*) from photons"


@pytest.fixture
def strange_root(full_root: Path, tmp_path: Path) -> Path:
    """An archive that was moved to a folder with a difficult name, and not opened there."""
    before = Path(shutil.copytree(full_root, tmp_path / "before"))
    Archive(before).close()
    return before.rename(tmp_path / STRANGE_NAME)


@pytest.fixture
def n_photons(full: Archive) -> int:
    return sum(leg.n_photons for leg in full.legs())


@pytest.mark.parametrize("folder", ["/", pytest.param(".", marks=pytest.mark.deep), "archive"])
def test_photons_are_counted_from_any_folder(
    folder: str, full_root: Path, n_photons: int, tmp_path: Path
) -> None:
    where = full_root if folder == "archive" else tmp_path / folder
    done = in_shell(COUNT, full_root / "gphoton.duckdb", folder=where)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", f"{n_photons}\n")


def test_the_catalogue_may_be_named_relative_to_the_folder(full_root: Path, n_photons: int) -> None:
    done = in_shell(COUNT, "gphoton.duckdb", folder=full_root)
    assert done.stdout == f"{n_photons}\n"
    done = in_shell(COUNT, f"{full_root.name}/gphoton.duckdb", folder=full_root.parent)
    assert done.stdout == f"{n_photons}\n"


def test_looking_changes_nothing(full_root: Path) -> None:
    before = (full_root / "gphoton.duckdb").read_bytes()
    in_shell(COUNT, full_root / "gphoton.duckdb")
    assert (full_root / "gphoton.duckdb").read_bytes() == before
    assert not (full_root / "gphoton.duckdb.wal").exists()


def test_an_archive_may_have_a_difficult_name(tmp_path: Path, nuv: Sources) -> None:
    root = tmp_path / "what?" / STRANGE_NAME
    with Archive(root, create=True) as archive:
        report = ingest(archive, nuv)
        assert count(archive, "photons") == report.n_photons > 0
    done = in_shell(COUNT, root / "gphoton.duckdb", folder=Path("/"))
    assert (done.returncode, done.stdout) == (0, f"{report.n_photons}\n"), done.stderr


def test_the_catalogue_may_be_attached(full_root: Path, n_photons: int, tmp_path: Path) -> None:
    attach = f"ATTACH {literal(str(full_root / 'gphoton.duckdb'))} AS galex (READ_ONLY)"
    done = in_shell("select count(*) from galex.photons", tmp_path / "own.duckdb", "-cmd", attach)
    assert done.stdout == f"{n_photons}\n"


def test_a_moved_archive_needs_a_variable_in_the_shell_until_it_is_opened_there(
    strange_root: Path, n_photons: int, cli: Cli
) -> None:
    catalogue = strange_root / "gphoton.duckdb"
    done = in_shell(COUNT, catalogue)
    assert done.returncode == 1
    assert "before/photons" in done.stderr
    setup = f"SET VARIABLE gphoton_root = {literal(str(strange_root))}"
    done = in_shell(COUNT, catalogue, "-cmd", setup)
    assert (done.returncode, done.stdout) == (0, f"{n_photons}\n"), done.stderr
    said = cli("--archive", strange_root, "sql", COUNT, "--format", "csv")
    assert (said.code, said.out) == (0, f'"count_star()"\n{n_photons}\n')
    done = in_shell(COUNT, catalogue, folder=Path("/"))
    assert (done.returncode, done.stdout) == (0, f"{n_photons}\n"), done.stderr
    assert_tidy(strange_root)
    # It is not rewritten where it stayed.
    before = catalogue.stat()
    with Archive(strange_root) as archive:
        assert count(archive, "photons") == n_photons
    Archive(strange_root / ".." / STRANGE_NAME).close()
    after = catalogue.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert_sound(strange_root)


def test_a_copied_archive_reads_its_own_photons(full_copy: Path) -> None:
    photons = str(full_copy / "photons")
    with Archive(full_copy) as archive:
        shutil.rmtree(photons)
        with pytest.raises(QueryError, match=re.escape(photons)):
            count(archive, "photons")
    assert photons in in_shell(COUNT, full_copy / "gphoton.duckdb").stderr


def test_a_moved_archive_that_cannot_be_written_is_read(
    strange_root: Path, n_photons: int, read_only: tuple[str, ...]
) -> None:
    before = (strange_root / "gphoton.duckdb").read_bytes()
    done = run_program(
        ["--archive", str(strange_root), "sql", COUNT, "--format", "csv"],
        folder=Path("/"),
        prefix=read_only,
    )
    assert (done.returncode, done.stdout) == (0, f'"count_star()"\n{n_photons}\n'), done.stderr
    assert (strange_root / "gphoton.duckdb").read_bytes() == before


@pytest.fixture
def read_only(strange_root: Path) -> tuple[str, ...]:
    """Prefix of a command that may not write into the archive, whoever runs the tests."""
    bind = 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"'
    return in_mount_namespace(strange_root, bind)


@pytest.fixture
def open_shell(fuv_copy: Path) -> Iterator[subprocess.Popen[str]]:
    """A DuckDB shell that holds the catalogue open for writing."""
    command = [str(DUCKDB), "-csv", "-noheader", str(fuv_copy / "gphoton.duckdb")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as shell:
        assert answer(shell, "select count(*) from legs") == "2\n"
        yield shell
        assert shell.stdin is not None
        if not shell.stdin.closed:
            shell.stdin.close()


def answer(shell: subprocess.Popen[str], statement: str) -> str:
    assert shell.stdin is not None
    assert shell.stdout is not None
    shell.stdin.write(f"{statement};\n")
    shell.stdin.flush()
    return shell.stdout.readline()


def test_an_open_shell_hinders_nobody(
    open_shell: subprocess.Popen[str], fuv_copy: Path, nuv: Sources
) -> None:
    with Archive(fuv_copy) as archive:
        n_fuv = count(archive, "photons")
        report = ingest(archive, nuv)
        assert report.outcome == "ingested"
        assert count(archive, "photons") == n_fuv + report.n_photons
    # The shell keeps what it opened, and a new one has what is there now.
    assert answer(open_shell, COUNT) == f"{n_fuv}\n"
    assert in_shell(COUNT, fuv_copy / "gphoton.duckdb").stdout == f"{n_fuv + report.n_photons}\n"


def test_changes_made_in_a_shell_are_not_overwritten(
    open_shell: subprocess.Popen[str], fuv_copy: Path, nuv: Sources
) -> None:
    log = fuv_copy / "gphoton.duckdb.wal"
    with Archive(fuv_copy) as archive:
        before = archive.legs()
        answer(open_shell, "create table mine as select 42 as x; select 1")
        assert log.exists()
        # The archive can be read meanwhile.
        os.utime(fuv_copy / "gphoton.duckdb")
        assert archive.legs() == before
        with pytest.raises(ArchiveError, match="a DuckDB shell"):
            ingest(archive, nuv)
    assert log.exists()
    assert open_shell.stdin is not None
    open_shell.stdin.close()
    open_shell.wait(timeout=30)
    assert in_shell("select x from mine", fuv_copy / "gphoton.duckdb").stdout == "42\n"
    assert_sound(fuv_copy)
    with Archive(fuv_copy) as archive:
        assert ingest(archive, nuv).outcome == "ingested"
    assert in_shell("select x from mine", fuv_copy / "gphoton.duckdb").stdout == "42\n"
    assert_tidy(fuv_copy)
