"""Simulate, ingest, read back: the sky is what it was.

That the public test set e23500, whose simulator was another, comes back to its own truth is in
tests/ingest/test_reference.py.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from gphoton_db.simulate.visit import Visit
from tests.closed_loop.conftest import FIELDS, MakeVisit
from tests.closed_loop.recovery import Recovery
from tests.closed_loop.star_fields import N_STARS

SHOWN_ELSEWHERE = ("NUV", "FUV", "RA 0")
"""NUV and FUV by test_shifted_calibration.py, RA 0 and FUV again by the field at dec -85."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.deep) if name in SHOWN_ELSEWHERE else name
        for name in FIELDS
    ],
)
def test_positions_rates_and_the_flare_come_back(
    visit_of: MakeVisit,
    reduced_with: Callable[[Visit, Path], Recovery],
    synthetic_calibration: Path,
    name: str,
) -> None:
    recovery = reduced_with(visit_of(name), synthetic_calibration)
    assert recovery.n_stars == N_STARS
    assert recovery.n_matched > 70_000
    assert recovery.shortcomings() == (), recovery
