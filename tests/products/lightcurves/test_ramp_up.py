"""The first bins of FUV while the detector was being ramped up."""

from dataclasses import replace

import numpy as np
import pytest
from tests.archives import SessionArchive

from gphoton_db.archive import Archive
from gphoton_db.products.lightcurves.flags import LightCurveWarning, ramp_up


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
