"""Every macro in the real DuckDB shell: from any folder, and in an archive that was moved."""

import csv
import io
import math
import shutil
from pathlib import Path

import duckdb
import pytest

from gphoton_db.archive import Archive
from gphoton_db.query.documentation import documentation
from tests.gphoton_db.archives import STRANGE_NAME, in_shell
from tests.sql.conftest import STAR
from tests.sql.reference import Rows, rows_of

EXAMPLES = {
    entry.name: entry.example.replace("23456", "23500")
    for entry in documentation()
    if entry.example and not entry.example.startswith("gphoton-db")
}

CALLS = (
    f"cone({STAR[0]}, {STAR[1]}, 5)",
    f"lightcurve({STAR[0]}, {STAR[1]}, step := 5, inner := 40, outer := 90)",
    f"visit_lightcurve({STAR[0]}, {STAR[1]})",
    f"legs_at({STAR[0]}, {STAR[1]})",
    f"coverage_at({STAR[0]}, {STAR[1]})",
    "box(323.5, 323.51, -2, -1.99)",
    "exposure(23500, 'NUV', 0, 874361250, 874361260)",
    "exposure_bins(23500, NULL, 0, step := 5)",
    "count_rate(23500, 'NUV', 0, step := 5)",
    "image_bins(23500, 'FUV', 1, pixel := 60)",
    "lightcurves('visits_as_positions', 23500)",
)


@pytest.fixture(scope="module")
def moved_root(sky_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a difficult name, opened once where it is now; the first one is not needed."""
    root = tmp_path_factory.mktemp("moved") / STRANGE_NAME
    shutil.copytree(sky_root, root)
    Archive(root).close()
    return root


def said_of(example: str, root: Path, folder: Path) -> tuple[int, str]:
    done = in_shell(example, root / "gphoton.duckdb", "-readonly", folder=folder)
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def said_of_all(sky_root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str]:
    """What one shell said of all examples, one after the other: it starts as slowly as 20 run."""
    together = ";\n".join(example.rstrip("; \n") for example in EXAMPLES.values())
    return said_of(together, sky_root, tmp_path_factory.mktemp("examples"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_every_file_runs(
    name: str, said_of_all: tuple[int, str], sky_root: Path, tmp_path: Path
) -> None:
    said = said_of_all
    if said != (0, ""):  # one of them is wrong: which one?
        said = said_of(EXAMPLES[name], sky_root, tmp_path)
    assert said == (0, "")


def statement_of(call: str) -> str:
    sql = f"FROM {call} ORDER BY ALL"
    if "visits_as_positions" in call:
        positions = "SELECT ra0 AS ra, dec0 AS dec FROM visits"
        sql = f"WITH visits_as_positions AS ({positions}) {sql}"
    return sql


@pytest.fixture(scope="module")
def answers(
    sky_root: Path, moved_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, str]]:
    """What a shell said to each of `CALLS` in both places; it starts as slowly as 20 run."""
    folder = tmp_path_factory.mktemp("answers")
    together = "; SELECT '===';".join(map(statement_of, CALLS))
    found = []
    for root in (sky_root, moved_root):
        done = in_shell(together, root / "gphoton.duckdb", "-readonly", folder=folder)
        assert (done.returncode, done.stderr) == (0, "")
        found.append(dict(zip(CALLS, done.stdout.split("===\n"), strict=True)))
    return found


@pytest.mark.parametrize("call", CALLS)
def test_the_shell_gives_the_same_as_python(
    call: str, sky: duckdb.DuckDBPyConnection, answers: list[dict[str, str]]
) -> None:
    expected = rows_of(sky, statement_of(call))
    assert expected
    for answer in answers:
        assert_same(answer[call], expected)


def assert_same(text: str, expected: Rows) -> None:
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == len(expected)
    for row, right in zip(rows, expected, strict=True):
        for written, value in zip(row, right.values(), strict=True):
            if isinstance(value, bool):
                assert written == str(value).lower()
            elif isinstance(value, float):
                # FLOAT has seven digits.
                assert math.isclose(float(written), value, rel_tol=1e-6, abs_tol=1e-12)
            else:
                assert written == ("NULL" if value is None else str(value))


def test_macros_of_an_attached_archive_need_use(sky_root: Path, tmp_path: Path) -> None:
    attach = f"ATTACH '{sky_root / 'gphoton.duckdb'}' AS galex (READ_ONLY); USE galex"
    sql = f"SELECT sum(counts) FROM visit_lightcurve({STAR[0]}, {STAR[1]})"
    done = in_shell(sql, tmp_path / "own.duckdb", "-cmd", attach)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 0
