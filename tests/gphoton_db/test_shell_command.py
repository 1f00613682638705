"""``gphoton-db shell``, and the program on a terminal."""

import io
import os
import pty
import re
import shutil
import sys
from pathlib import Path

import pytest

from gphoton_db.cli.shell import find_duckdb_shell
from tests.gphoton_db.archives import DUCKDB, ROOT, Sources, run_program
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.forked_program import ForkedProgram

TYPED = """\
.mode csv
select count(*) from legs;
select count(*) > 1000 as many from photons;
select count(*) > 0 as some from lightcurve(323.5, -2.0);
delete from archive_info;
"""


def test_the_duckdb_shell_is_found_beside_python() -> None:
    assert find_duckdb_shell() == str(DUCKDB)


def test_the_duckdb_shell_is_started_has_the_macros_and_only_reads(
    full_root: Path, tmp_path: Path
) -> None:
    moved = Path(shutil.copytree(full_root, tmp_path / "moved"))
    done = run_program(["--archive", str(moved), "shell"], folder=Path("/"), text=TYPED)
    answers = [line for line in done.stdout.splitlines() if line in ("4", "true")]
    assert answers == ["4", "true", "true"]
    assert done.stderr.startswith(f"archive: {moved}\n")
    assert "read-only" in done.stderr
    assert done.returncode != 0


@pytest.fixture
def no_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_shell")
def test_without_it_there_is_a_simple_prompt(
    cli: Cli, full_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_duckdb_shell() is None
    typed = "select count(*) as n\nfrom legs;\ndrop table legs;\nselect 'still here' as x;\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    done = cli("--archive", full_root, "shell")
    assert done.code == 0
    assert "The duckdb shell is not installed" in done.err
    assert "error: line 1, column 1: DROP is refused" in done.err
    assert "│ 4 │" in done.out
    assert "still here" in done.out


@pytest.mark.usefixtures("no_shell")
def test_the_prompt_has_the_same_door_and_the_same_names(
    cli: Cli, full_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = (
        "select ';\n' as x;\nfrom photon;\ncopy legs\nto 'legs.csv';\n"
        "select cps_bgsub from lightcurve(323.5, -2.0) limit 1; -- one row\nselect 1; select 2;\n"
    )
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    done = cli("--archive", full_root, "shell")
    assert (
        'line 1, column 6: there is no table or view "photon"; did you mean "photons"' in done.err
    )
    assert "line 1, column 1: COPY is refused" in done.err
    assert "found 2: the second begins here" in done.err
    assert "cps_bgsub" in done.out


def on_a_terminal(arguments: list[str]) -> str:
    """Run the program on a terminal of its own, and return what appeared there."""
    terminal, end = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120"}
    with ForkedProgram(
        arguments, folder=Path("/"), environment=environment, terminal=end
    ) as process:
        os.close(end)
        shown = bytearray()
        while True:
            try:
                piece = os.read(terminal, 4096)
            except OSError:  # what Linux says at the end
                break
            if not piece:
                break
            shown += piece
    os.close(terminal)
    assert process.returncode == 0, shown.decode()
    return shown.decode()


def test_a_terminal_shows_progress_and_the_time_left(fuv_copy: Path, nuv: Sources) -> None:
    shown = on_a_terminal(["--archive", str(fuv_copy), *nuv.arguments()])
    assert "\x1b[" in shown
    assert "e23500 NUV: " in shown
    assert re.search(r"\d+ %", shown)
    assert re.search(r"\d:\d\d:\d\d|-:--:--", shown)
    assert "ingested" in shown
