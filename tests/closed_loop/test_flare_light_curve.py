"""The light curve of a flare star, as a user gets it, against the flare that was simulated."""

import numpy as np
import pytest

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.simulate.light_curves import Flare
from tests.archives import SessionArchive, Star

STEP_S = 2.0


@pytest.mark.parametrize("band", list(Band))
def test_a_flare_comes_back_in_time_and_fluence(two_bands: SessionArchive, band: Band) -> None:
    star = two_bands.star(Star.FLARING)
    flare, quiet = star.light_curve, star.rate_in(band)
    assert isinstance(flare, Flare)
    visit = next(each for each in two_bands.visits if each.band is band)
    with Archive(two_bands.archive_path) as archive:
        curve = archive.lightcurve(
            star.ra, star.dec, step=STEP_S, annulus=(30, 60), bands=[band], mask_sources=False
        )
    names = ("t0", "exposure", "cps_bgsub", "cps_bgsub_err")
    t0, exposure, rate, error = (np.asarray(getattr(curve[n], "value", curve[n])) for n in names)
    began = t0 - visit.legs[0].aspect.time_ms[0] / 1000

    peak = flare.start + flare.rise
    assert abs(began[rate.argmax()] + STEP_S / 2 - peak) <= 1.5 * STEP_S

    part = np.linspace(0, STEP_S, 41)[:, None]
    expected = quiet * flare.factor(began + part).mean(axis=0)
    seen = exposure > 0
    fluence = ((rate - quiet) * exposure)[seen].sum()
    true_fluence = ((expected - quiet) * exposure)[seen].sum()
    scatter = np.sqrt(((error * exposure)[seen] ** 2).sum())
    assert true_fluence > 10 * scatter
    assert abs(fluence - true_fluence) < 3.5 * scatter
