"""The wheel of the checkout, built once."""

from pathlib import Path

import pytest

from tests.packaging.builds import build
from tests.packaging.repository import copy_checkout
from tests.shared import shared


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install` makes of a checkout."""

    def make(folder: Path) -> Path:
        return build("build_wheel", copy_checkout(folder / "checkout"), folder / "dist")

    return shared(tmp_path_factory, "wheel", make)
