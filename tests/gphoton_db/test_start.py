"""What a command does not need is not imported, and ``--help`` imports no command at all."""

import subprocess
import sys
from collections.abc import Iterable
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

LIGHT_CURVES = ("", "--step 10 --annulus 30,60")
"""Options of light curves that are made last in that process."""

PROGRAM = """\
import sys
def run(*words):
    from gphoton_db.cli import main
    sys.argv[1:] = words
    try:
        main()
    except SystemExit as end:
        assert not end.code, words
report, *steps = sys.argv[1:]
for number, step in enumerate(steps):
    exec(step)
    with open(f"{report}-{number}", "w") as file:
        print(*sys.modules, file=file)
"""


def modules_after(steps: Iterable[str], folder: Path) -> list[set[str]]:
    """Return the modules that a fresh process has imported after each of its steps."""
    wanted = [str(folder / "modules"), *steps]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *wanted], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    reports = [folder / f"modules-{number}" for number in range(len(wanted) - 1)]
    return [set(report.read_text(encoding="utf-8").split()) for report in reports]


def test_the_package_imports_little(tmp_path: Path) -> None:
    """In one process, too: none of the statements may need what one before must not import."""
    for statement, found in zip(STATEMENTS, modules_after(STATEMENTS, tmp_path), strict=True):
        assert "gphoton_db" in found
        assert found.intersection(STATEMENTS[statement]) == set(), statement


@pytest.fixture(scope="module")
def after_each(
    one_leg: SessionArchive, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, set[str]]:
    """The modules that one process has imported after each of the commands, in their order."""
    folder = tmp_path_factory.mktemp("imported")
    empty, star = folder / "empty", one_leg.star(Star.FAINT)
    Archive(empty, create=True).close()
    steps = {}
    for command in NOT_IMPORTED:
        words = (each if each[0] == "-" else each.replace("-", " ") for each in command.split())
        steps[command] = f"run{('--archive', str(empty), *words)}"
    words_of_all = ("--archive", str(one_leg.archive_path), "lightcurve")
    for options in LIGHT_CURVES:
        words_of_one = (*words_of_all, f"{star.ra:.5f}", f"{star.dec:+.5f}", *options.split())
        steps[options] = f"run{words_of_one}"
    return dict(zip(steps, modules_after(steps.values(), folder), strict=True))


@pytest.mark.parametrize("command", NOT_IMPORTED)
def test_a_command_imports_what_it_needs(command: str, after_each: dict[str, set[str]]) -> None:
    found = after_each[command]
    assert "gphoton_db.cli.app" in found
    assert found.intersection(NOT_IMPORTED[command]) == set()


@pytest.mark.parametrize("options", LIGHT_CURVES)
def test_the_light_curve_of_a_position_needs_neither_numba_nor_astropy(
    options: str, after_each: dict[str, set[str]]
) -> None:
    found = after_each[options]
    assert "gphoton_db.products.kernels.aperture_photons" in found
    assert found.intersection((*LARGE, *AFAR)) == set()


def test_summaries_are_the_first_lines_of_the_commands_own_help() -> None:
    for name, place in COMMANDS.items():
        first = (load_command(name).help or "").partition("\n\n")[0]
        assert place.summary == " ".join(first.split()), name
