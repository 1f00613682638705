"""What a command does not need is not imported, and ``--help`` imports no command at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.cli.commands import COMMANDS, load_command
from tests.archives import SessionArchive, Star

REDUCTION = ("numba", "astropy", "pandas", "gphoton_db.ingest", "gphoton_db.intake.ingest_band")
LARGE = (*REDUCTION, "scipy", "shapely", "sqlglot", "matplotlib")
ARRAYS = ("numpy", "pyarrow")
WRITING = ("filelock", "gphoton_db.schemas", "gphoton_db.cli.ingest")
CLUSTER = ("dask", "distributed", "dask_jobqueue", "yaml")
AFAR = ("boto3", "botocore", "fsspec", "requests", "gphoton_db.remote.mounting")
SMALL = (*LARGE, *WRITING, *CLUSTER, *AFAR, "pydantic")

STATEMENTS = {
    "import gphoton_db": (*LARGE, *ARRAYS, "duckdb", "typer"),
    "from gphoton_db import Archive": (*LARGE, *ARRAYS, "typer"),
    "from gphoton_db.intake import ingest_band": ("astropy", "pandas", "pyarrow.compute"),
}

NOT_IMPORTED = {
    "--version": (*LARGE, *ARRAYS, "duckdb", "rich", "pydantic", "gphoton_db.archive"),
    "--help": (*LARGE, *ARRAYS, "duckdb", "rich", "pydantic", "gphoton_db.archive"),
    "sql --help": (*LARGE, *ARRAYS, "duckdb", "gphoton_db.archive"),
    "sql SELECT-1": (*SMALL, *ARRAYS, "rich"),
    "status": (*SMALL, *ARRAYS, "rich"),
    "status --json": (*SMALL, *ARRAYS, "rich"),
    "describe": (*SMALL, *ARRAYS),
    "describe photons --json": (*SMALL, *ARRAYS),
    "sql FROM-legs": SMALL,
    "sql FROM-legs --format=csv": SMALL,
    "query archive_totals": SMALL,
    "search": SMALL,
    "search 323.2 -2.0": SMALL,
    "search --json --eclipses=1-9 --band=NUV --min-exposure=5": SMALL,
}
"""Modules that are no part of a command; a - in a statement is a blank.

One process does them one after the other: none may need what one before it must not import."""

MAIN = "from gphoton_db.cli import main"

PROGRAM = """\
from gphoton_db.cli import main
    for number, words in enumerate({commands!r}):
        sys.argv[1:] = ["--archive", {archive!r}, *words]
        try:
            main()
        except SystemExit as end:
            assert not end.code, words
        with open(f"{{report}}-{{number}}", "w") as file: print(*sys.modules, file=file)
"""
"""What a process does after which somebody looks at each command's modules."""


def imported(program: str, report: Path, *words: str) -> set[str]:
    """Return the modules that a fresh process has imported in the end."""
    started = f"import sys\nreport = sys.argv.pop(1)\ntry:\n    {program}\nfinally:\n"
    written = "    with open(report, 'w') as file: print(*sys.modules, file=file)"
    done = subprocess.run(
        [sys.executable, "-c", started + written, report, *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(report.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_package_imports_little(statement: str, tmp_path: Path) -> None:
    found = imported(statement, tmp_path / "modules")
    assert "gphoton_db" in found
    assert found.intersection(STATEMENTS[statement]) == set()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty archive; not to be changed."""
    root = tmp_path_factory.mktemp("empty") / "archive"
    Archive(root, create=True).close()
    return root


@pytest.fixture(scope="module")
def after_each(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The modules that one process has imported after each of `NOT_IMPORTED`, in their order."""
    commands = [
        [word if word.startswith("-") else word.replace("-", " ") for word in command.split()]
        for command in NOT_IMPORTED
    ]
    program = PROGRAM.format(archive=str(root), commands=commands)
    folder = tmp_path_factory.mktemp("imported")
    imported(program, folder / "all")
    reports = [folder / f"all-{number}" for number in range(len(commands))]
    return {
        command: set(report.read_text(encoding="utf-8").split())
        for command, report in zip(NOT_IMPORTED, reports, strict=True)
    }


@pytest.mark.parametrize("command", NOT_IMPORTED)
def test_a_command_imports_what_it_needs(command: str, after_each: dict[str, set[str]]) -> None:
    found = after_each[command]
    assert "gphoton_db.cli.app" in found
    assert found.intersection(NOT_IMPORTED[command]) == set()


@pytest.mark.parametrize("options", [(), ("--step", "10", "--annulus", "30,60")])
def test_the_light_curve_of_a_position_needs_neither_numba_nor_astropy(
    options: tuple[str, ...], one_leg: SessionArchive, tmp_path: Path
) -> None:
    star = one_leg.star(Star.FAINT)
    words = ("lightcurve", f"{star.ra:.5f}", f"{star.dec:+.5f}", *options)
    root = str(one_leg.archive_path)
    found = imported(f"{MAIN}; main()", tmp_path / "modules", "--archive", root, *words)
    assert "gphoton_db.products.kernels.aperture_photons" in found
    assert found.intersection((*LARGE, *AFAR)) == set()


def test_summaries_are_the_first_lines_of_the_commands_own_help() -> None:
    for name, place in COMMANDS.items():
        first = (load_command(name).help or "").partition("\n\n")[0]
        assert place.summary == " ".join(first.split()), name
