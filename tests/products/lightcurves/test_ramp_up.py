"""The first bins of FUV while the detector was being ramped up."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.archives import SessionArchive
from tests.gphoton_db.archives import Sources, ingest

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.products.lightcurves.bits import LightCurveWarning
from gphoton_db.products.lightcurves.flags import ramp_up
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.scene import Scene
from gphoton_db.simulate.visit import simulate_visit


@pytest.mark.parametrize(
    ("eclipse", "band", "warned"),
    [(12888, "FUV", 0), (12889, "FUV", 3), (13856, "FUV", 3), (13857, "FUV", 0), (13000, "NUV", 0)],
)
def test_the_first_three_bins_are_warned_of(
    one_leg: SessionArchive, eclipse: int, band: str, warned: int
) -> None:
    with Archive(one_leg.archive_path) as archive:
        (leg,) = archive.legs()
    leg = replace(leg, eclipse=eclipse, band=band)
    assert leg.photon_t0 is not None
    t0 = round(leg.photon_t0 * 1000) + 10_000 * np.arange(6)
    found = ramp_up(leg, t0, t0 + 10_000)
    assert found.tolist() == [int(LightCurveWarning.RAMP_UP)] * warned + [0] * (6 - warned)
    # A range of times that begins later has none of them.
    assert not ramp_up(leg, t0[3:], t0[3:] + 10_000).any()


def test_sql_warns_of_the_same_bins(synthetic_calibration: Path, tmp_path: Path) -> None:
    visit = simulate_visit(
        tmp_path / "visit",
        calibration=synthetic_calibration,
        band=Band.FUV,
        eclipse=12900,
        legs=(LegPlan(150.0, 2.0, duration=30),),
        scene=Scene(background=300.0),
    )
    with Archive(tmp_path / "archive") as archive:
        ingest(archive, Sources.of(visit))
        rows = archive.query("SELECT warnings FROM lightcurve(150, 2, radius := 60, step := 3)")
        in_sql = np.array([row["warnings"] for row in rows.rows()])
        curve = archive.lightcurve(150.0, 2.0, radius=60, step=3)
    ramp_up = int(LightCurveWarning.RAMP_UP)
    assert ((in_sql & ramp_up) > 0).tolist() == [True] * 3 + [False] * (len(curve) - 3)
    assert np.array_equal(in_sql & ramp_up, np.asarray(curve["warnings"]) & ramp_up)
