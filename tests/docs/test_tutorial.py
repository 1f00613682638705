"""docs/tutorial.md: each cell runs on the demonstration's archive, and gives what it gave before.

``tests/docs/tutorial.txt`` has that, cell after cell.  `make docs` runs the page as a notebook.
"""

import ast
import contextlib
import io
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gphoton_db.archive import Archive
from tests.demonstration import Demonstration
from tests.docs.test_documentation import ROOT

TEXT = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
CELL = re.compile(
    r"^```\{code-cell\}\n(?!:tags: \[remove-cell\])(.*?)^```$", re.DOTALL | re.MULTILINE
)
CELLS = [code.rstrip(";\n") for code in CELL.findall(TEXT)]
GIVEN = (ROOT / "tests" / "docs" / "tutorial.txt").read_text("utf-8")
EXPECTED = re.split(r"^--\n", GIVEN, flags=re.MULTILINE)
NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")


@pytest.fixture(scope="module")
def folder(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``gphoton-db demo`` was run."""
    place = tmp_path_factory.mktemp("tutorial")
    shutil.copytree(demonstration.folder / "gphoton-demo", place / "gphoton-demo")
    return place


@pytest.fixture(scope="module")
def outputs(folder: Path) -> Iterator[list[str]]:
    """What each cell gives, run one after the other in that folder."""
    before = Path.cwd()
    os.chdir(folder)
    names: dict[str, Any] = {}
    try:
        yield [given_by(cell, names) for cell in CELLS]
    finally:
        names["archive"].close()
        os.chdir(before)


def given_by(cell: str, names: dict[str, Any]) -> str:
    """Return what a cell prints, and its last value, as a notebook shows them."""
    *statements, last = ast.parse(cell).body
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(ast.Module(statements, []), "docs/tutorial.md", "exec"), names)
        if not isinstance(last, ast.Expr):
            exec(compile(ast.Module([last], []), "docs/tutorial.md", "exec"), names)
            return printed.getvalue()
        value = eval(compile(ast.Expression(last.value), "docs/tutorial.md", "eval"), names)
    if value is None or hasattr(value, "figure"):
        return printed.getvalue()
    return f"{printed.getvalue()}{value}\n"


def numbers(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in NUMBER.findall(text)]


def test_there_is_an_output_for_each_cell() -> None:
    assert len(CELLS) == len(EXPECTED) > 15


@pytest.mark.parametrize("number", range(len(CELLS)))
def test_a_cell_gives_what_it_gave(outputs: list[str], number: int) -> None:
    given, expected = outputs[number], EXPECTED[number]
    assert NUMBER.sub("#", given).split() == NUMBER.sub("#", expected).split()
    # Processors round differently: a photon at the rim may fall on its other side.
    assert numbers(given) == pytest.approx(numbers(expected), rel=0.01, abs=0.5)


def test_python_and_sql_measure_the_same_light_curve(folder: Path) -> None:
    with Archive(folder / "gphoton-demo") as archive:
        curve = archive.lightcurve(
            323.4928, -2.0640, radius=12.8, annulus=(30, 60), step=10, mask_sources=False
        )
        rows = archive.query(
            "SELECT * FROM lightcurve(323.4928, -2.0640, inner := 30, outer := 60, step := 10) "
            "ORDER BY band, t0"
        ).df()
    assert len(curve) == len(rows) > 40
    for column in ("t0", "exposure", "counts", "cps", "cps_bgsub", "flags"):
        np.testing.assert_allclose(
            np.asarray(curve[column].value if hasattr(curve[column], "value") else curve[column]),
            rows[column].to_numpy(),
            rtol=1e-9,
        )
