"""The contracts between modules hold, and `make layers` would notice if they did not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.repository import PYPROJECT, ROOT, copy_checkout

LAYERS = "The layers of docs/development.md: nothing imports what is further up"
READING = "What reads and what locates knows nothing of the reduction"
SIMULATOR = "The simulator shares no code with the reduction, which it checks"
CIRCLES = "No circles among the modules of a folder"

AGAINST = (
    {
        "upwards": ("gphoton_db/mission.py", "from gphoton_db import paths", LAYERS),
        "from what reads": ("products/reader.py", "import gphoton_db.ingest.raw6", READING),
        "from the simulator": (
            "gphoton_db/simulate/visit.py",
            "import gphoton_db.ingest.raw6",
            SIMULATOR,
        ),
        "in a function": (
            "products/movies/files.py",
            "def again():\n    from gphoton_db.products.movies.movie import Movie",
            CIRCLES,
        ),
    },
    {
        "from a new module": ("gphoton_db/unlisted.py", "import math", LAYERS),
        "for types": (
            "products/images/plot.py",
            "if TYPE_CHECKING:\n    from gphoton_db.products.images.image import Image",
            CIRCLES,
        ),
    },
    {
        "through another module": (
            "gphoton_db/exposure.py",
            "import gphoton_db.ingest.raw6",
            READING,
        ),
    },
)
"""A file, what is added to it, and the contract that this breaks: what one check can tell apart."""

CONTRACTS = {each["name"]: each for each in PYPROJECT["tool"]["importlinter"]["contracts"]}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_checkout(tmp_path / "checkout")


def make(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Call make in a checkout, with the environment that the tests run in."""
    pytest.importorskip("importlinter")
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "PYTHON"))}
    return subprocess.run(
        # The environment is what it is: nothing is to be installed into it.
        ["make", f"DEV_VENV={sys.prefix}", "--old-file", f"{sys.prefix}/.ready", *arguments],
        cwd=checkout,
        env=variables | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
    )


@pytest.mark.deep  # as `make lint` says, which runs in the automatic checks
def test_the_contracts_are_kept(checkout: Path) -> None:
    done = make(checkout, "layers")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == f"Contracts: {len(CONTRACTS)} kept, 0 broken."


@pytest.mark.parametrize(
    "number", [0, *(pytest.param(k, marks=pytest.mark.deep) for k in range(1, len(AGAINST)))]
)
def test_imports_against_contracts_are_noticed(checkout: Path, number: int) -> None:
    for file, added, _ in AGAINST[number].values():
        with (checkout / file).open("a", encoding="utf-8") as source:
            source.write(f"\n{added}\n")
    done = make(checkout, "layers")
    assert done.returncode != 0
    for what, (file, _, contract) in AGAINST[number].items():
        assert f"{contract} BROKEN" in done.stdout, what
        assert Path(file).stem in done.stdout.partition("Broken contracts")[2], what


def test_every_contract_is_tried() -> None:
    rows = [row for rows in AGAINST for row in rows.values()]
    assert set(CONTRACTS) == {contract for _, _, contract in rows}


def test_the_documentation_shows_the_layers_of_the_contract() -> None:
    text = (ROOT / "docs" / "development.md").read_text("utf-8")
    shown = text.partition("```text\n__main__\n")[2].partition("```")[0].splitlines()
    assert ["__main__", *shown] == CONTRACTS[LAYERS]["layers"]


def test_make_lint_checks_the_contracts(checkout: Path) -> None:
    done = make(checkout, "lint", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "lint-imports" in done.stdout
