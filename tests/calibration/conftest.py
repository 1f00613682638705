"""What tests of calibration sets share."""

from pathlib import Path

import pytest


@pytest.fixture
def directory(synthetic_calibration: Path, tmp_path: Path) -> Path:
    """A calibration directory of links, so that a test can replace single files."""
    copy = tmp_path / "calibration"
    copy.mkdir()
    for path in synthetic_calibration.iterdir():
        (copy / path.name).symlink_to(path)
    return copy
