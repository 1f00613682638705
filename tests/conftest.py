"""Things that many tests need and that take seconds to make: once a session."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gphoton_db.simulate.synthetic_calibration import write_synthetic_calibration


@pytest.fixture(scope="session")
def synthetic_calibration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete calibration directory of smooth, made-up values."""
    return write_synthetic_calibration(tmp_path_factory.mktemp("made-up-calibration"))


@pytest.fixture(scope="session")
def shared_galex() -> Path:
    """The folder of real calibration and reference figures; tests skip where there is none."""
    directory = Path(__file__).resolve().parents[2] / "shared" / "galex"
    if not directory.is_dir():
        pytest.skip("needs ../shared/galex")
    return directory


@pytest.fixture(scope="session")
def reference_calibration(shared_galex: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The calibration directory of the reference figures: real files and stand-ins."""
    directory = tmp_path_factory.mktemp("reference-calibration")
    script = shared_galex / "standin_calibration.py"
    subprocess.run([sys.executable, script, directory], check=True)
    for path in (shared_galex / "calibration").iterdir():
        shutil.copy(path, directory)
    return directory
