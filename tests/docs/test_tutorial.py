"""docs/tutorial.md: every block runs on the demonstration's archive, and says what is printed."""

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gphoton_db.archive import Archive
from tests.docs.test_documentation import ROOT

TEXT = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
BLOCK = re.compile(
    r"^```(python|sql)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE
)
NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass(frozen=True)
class Block:
    """A block of code, and what stands below it as its output."""

    language: str
    code: str
    shown: str


BLOCKS = [Block(*(part or "" for part in found.groups())) for found in BLOCK.finditer(TEXT)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which ``gphoton-db demo`` was run."""
    place = tmp_path_factory.mktemp("tutorial")
    subprocess.run(
        [sys.executable, "-m", "gphoton_db", "demo"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT), "GPHOTON_DB_CONFIG": str(place / "none")},
        check=True,
        capture_output=True,
    )
    return place


@pytest.fixture(scope="module")
def outputs(folder: Path) -> Iterator[list[str]]:
    """What each block prints, run one after the other in that folder."""
    before = Path.cwd()
    os.chdir(folder)
    names: dict[str, Any] = {}
    try:
        yield [printed_by(block, names) for block in BLOCKS]
    finally:
        names["archive"].close()
        os.chdir(before)


def printed_by(block: Block, names: dict[str, Any]) -> str:
    if block.language == "sql":
        with Archive("gphoton-demo") as archive:
            rows = archive.query(block.code).rows()
        lines = [list(rows[0]), *(list(row.values()) for row in rows)]
        return "\n".join("  ".join(map(str, line)) for line in lines) + "\n"
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(block.code, "docs/tutorial.md", "exec"), names)
    return printed.getvalue()


def numbers(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in NUMBER.findall(text)]


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_a_block_prints_what_stands_below_it(outputs: list[str], number: int) -> None:
    printed, shown = outputs[number], BLOCKS[number].shown
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", shown).split()
    # Processors round differently: a photon at the rim may fall on its other side.
    assert numbers(printed) == pytest.approx(numbers(shown), rel=0.01, abs=0.5)


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
