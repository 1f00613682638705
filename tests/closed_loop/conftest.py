"""Star fields, simulated and ingested once for all tests of this folder."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from gphoton_db.mission import Band
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.visit import Visit
from tests.closed_loop.recovery import Recovery, recover
from tests.closed_loop.star_fields import StarField, ingested
from tests.shared import shared

FIELDS = {
    "NUV": StarField(),
    "FUV": StarField(Band.FUV, seed=2),
    "four legs": StarField(
        legs=tuple(LegPlan(150.0 + 1.5 * k, 20.0, duration=40) for k in range(4)),
        seed=3,
    ),
    "post-CSP": StarField(
        eclipse=40000,
        detector=Detector(separation=5135.5, shift=(8.0, -11.0)),
        seed=4,
    ),
    "RA 0": StarField(legs=(LegPlan(0.05, 30.0),), seed=5),
    "dec -85, FUV": StarField(Band.FUV, legs=(LegPlan(359.9, -85.0),), seed=7),
}
"""Everything that takes a path of its own through the reduction, each with its own stars."""

MakeVisit = Callable[[str], Visit]


@pytest.fixture(scope="session")
def visit_of(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> MakeVisit:
    """Simulate one of `FIELDS`, or give the visit that was made before."""

    @cache
    def made(name: str) -> Visit:
        return shared(
            tmp_path_factory,
            f"star-field-{name}",
            lambda folder: FIELDS[name].make(folder, synthetic_calibration),
        )

    return made


@pytest.fixture
def reduced_with(tmp_path: Path) -> Callable[[Visit, Path], Recovery]:
    """Ingest a visit with a calibration, and compare what comes back with the truth."""

    def compared(visit: Visit, calibration: Path) -> Recovery:
        return recover(ingested(visit, tmp_path / "archive", calibration), visit)

    return compared
