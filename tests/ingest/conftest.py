"""Reduced visits, each made once a session however many tests look at it."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from gphoton_db.simulate.visit import Visit
from tests.ingest.cases import CASES
from tests.ingest.reduced import Comparison, compare
from tests.shared import shared

# The first call of a kernel compiles it, which takes seconds.
settings.register_profile("kernels", deadline=None)
settings.load_profile("kernels")


@pytest.fixture(scope="session")
def visit_of(
    synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Visit]:
    """Make the visit of a case of `CASES`, by its name."""

    @cache
    def make(name: str) -> Visit:
        return shared(
            tmp_path_factory,
            f"case-{name}",
            lambda folder: CASES[name].make(folder, synthetic_calibration),
        )

    return make


@pytest.fixture(scope="session")
def comparison_of(
    visit_of: Callable[[str], Visit], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Comparison]:
    """Reduce the visit of a case at full precision, and by the oracle."""

    @cache
    def reduce(name: str) -> Comparison:
        return compare(visit_of(name), tmp_path_factory.mktemp("reduced"))

    return reduce


@pytest.fixture(scope="session")
def comparison_fuv(comparison_of: Callable[[str], Comparison]) -> Comparison:
    """A FUV visit."""
    return comparison_of("dec -85, FUV")
