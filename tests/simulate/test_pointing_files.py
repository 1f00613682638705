"""The pointing that is flown, and the one that is told."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from gphoton_db.errors import SimulationError
from gphoton_db.mission import Band
from gphoton_db.simulate.plan import LegPlan, PointingTable
from gphoton_db.simulate.projection import sky_to_plane
from gphoton_db.simulate.visit import Visit, simulate_visit
from tests.oracle.raw6 import read_raw6
from tests.oracle.reduction import reduce_visit
from tests.oracle.sky import read_asprta


@pytest.fixture(scope="module")
def visit(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    legs = (LegPlan(10.0, 5.0, duration=40), LegPlan(11.0, 5.0, duration=30))
    directory = tmp_path_factory.mktemp("pointing")
    return simulate_visit(directory, calibration=synthetic_calibration, band=Band.NUV, legs=legs)


def test_all_forms_of_pointing_say_the_same(visit: Visit) -> None:
    legs = read_asprta(sorted(visit.pointing.glob("*-asprta.fits.gz")))
    table = pq.read_table(visit.consolidated / "aspect.parquet").to_pydict()
    starts = pq.read_table(visit.consolidated / "boresight.parquet")["time"].to_pylist()
    for written, read, start in zip(visit.legs, legs, starts, strict=True):
        assert np.array_equal(read.aspect.time_ms, written.aspect.time_ms)
        assert np.array_equal(read.aspect.ra, written.aspect.ra)
        assert read.boresight == written.boresight
        assert start * 1000 < written.aspect.time_ms[0] < start * 1000 + 1000
    assert table["dec"] == np.concatenate([leg.aspect.dec for leg in legs]).tolist()
    with fits.open(visit.pointing / "e23500-scst.fits.gz") as state:
        assert (np.diff(state[1].data["pktime"]) == 1).all()
        coarse = np.interp(table["time"], state[1].data["pktime"], state[1].data["dec_acs"])
        assert abs(coarse - table["dec"]).max() < 0.001
        assert state[0].header["MPSNPOS"] == 2


def test_bad_and_missing_aspect_cost_photons_their_position(
    synthetic_calibration: Path, tmp_path: Path
) -> None:
    plan = LegPlan(10.0, 5.0, bad_aspect=((20.0, 23.0),), missing_aspect=((40.0, 42.0),))
    made = simulate_visit(tmp_path, calibration=synthetic_calibration, band=Band.NUV, legs=[plan])
    start_ms = int(made.legs[0].aspect.time_ms[0])
    rows = (made.legs[0].aspect.time_ms - start_ms) // 1000
    assert set(range(61)) - set(rows.tolist()) == {40, 41}
    assert set(rows[made.legs[0].aspect.flags % 2 == 1]) == {0, 1, 2, 20, 21, 22, 59, 60}
    (read,) = read_asprta(sorted(made.pointing.glob("*-asprta.fits.gz")))
    assert np.array_equal(read.aspect.time_ms, made.legs[0].aspect.time_ms)
    with fits.open(made.pointing / "e23500-scst.fits.gz") as state:
        assert np.rint(np.diff(state[1].data["pktime"])).max() == 3
    photons = reduce_visit(read_raw6(made.raw6), made.legs, made.calibration).legs[0]
    second = (photons.time_ms - start_ms) // 1000
    good_seconds = set(second[photons.flag == 0].tolist())
    # A photon needs good fixes before, at and after it, a second apart.
    assert set(range(4, 58)) - good_seconds == {19, 20, 21, 22, 23, 39, 40, 41}


def test_the_true_attitude_goes_on_where_none_is_reported(
    synthetic_calibration: Path, tmp_path: Path
) -> None:
    plans = [LegPlan(10.0, 5.0, missing_aspect=missing) for missing in ((), ((20.0, 30.0),))]
    made = [
        simulate_visit(
            tmp_path / str(k), calibration=synthetic_calibration, band=Band.NUV, legs=[plan]
        )
        for k, plan in enumerate(plans)
    ]
    assert made[0].raw6.read_bytes() == made[1].raw6.read_bytes()


def test_a_leg_without_aspect_is_refused(synthetic_calibration: Path, tmp_path: Path) -> None:
    plan = LegPlan(10.0, 5.0, missing_aspect=((0.0, 60.0),))
    with pytest.raises(SimulationError, match=r"leg\[0\].missing_aspect"):
        simulate_visit(tmp_path, calibration=synthetic_calibration, band=Band.NUV, legs=[plan])
    assert list(tmp_path.iterdir()) == []


def test_a_table_dithers_as_it_says(synthetic_calibration: Path, tmp_path: Path) -> None:
    west, north = (tuple(20.0 * f(k / 9) for k in range(61)) for f in (np.cos, np.sin))
    plan = LegPlan(10.0, 5.0, dither=PointingTable(west, north))
    made = simulate_visit(tmp_path, calibration=synthetic_calibration, band=Band.NUV, legs=[plan])
    aspect = made.legs[0].aspect
    x, y = sky_to_plane(aspect.ra, aspect.dec, 10.0, 5.0, 0.0)
    np.testing.assert_allclose(x, west, atol=1e-6)
    np.testing.assert_allclose(y, north, atol=1e-6)
