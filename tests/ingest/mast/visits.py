"""A visit that is simulated in no time: two legs, a thousand photons and the stims."""

from pathlib import Path

from gphoton_db.mission import Band
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.scene import Scene
from gphoton_db.simulate.visit import Visit, simulate_visit

LEGS = (LegPlan(323.5, -2.0, duration=30, slew=5), LegPlan(324.5, -2.0, duration=30))


def small_visit(
    folder: Path, calibration: Path, *, band: Band = Band.NUV, eclipse: int = 23500
) -> Visit:
    """Simulate the visit of `gphoton_db.simulate` that tests of downloads serve."""
    return simulate_visit(
        folder,
        calibration=calibration,
        band=band,
        eclipse=eclipse,
        legs=LEGS,
        scene=Scene(background=15.0),
        event_truth=False,
    )
