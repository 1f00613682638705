from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from gphoton_db.mission import Band
from gphoton_db.simulate.plan import LegPlan
from gphoton_db.simulate.scene import Hotspot, Origin, Scene, Source
from gphoton_db.simulate.visit import Visit, simulate_visit
from tests.oracle.raw6 import read_raw6
from tests.oracle.reduction import Photons, reduce_visit
from tests.oracle.sky import read_asprta

TWO_LEGS = (LegPlan(10.0, 5.0, duration=40), LegPlan(11.0, 5.0, duration=30))


def photons_of(visit: Visit) -> Photons:
    return reduce_visit(read_raw6(visit.raw6), visit.legs, visit.calibration).legs[0]


@pytest.fixture(scope="module")
def visit(synthetic_calibration: Path, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    directory = tmp_path_factory.mktemp("two-legs")
    return simulate_visit(
        directory, calibration=synthetic_calibration, band=Band.NUV, legs=TWO_LEGS
    )


def test_a_seed_makes_one_visit(visit: Visit, tmp_path: Path) -> None:
    again, other = (
        simulate_visit(
            tmp_path / str(seed),
            calibration=visit.calibration,
            band=Band.NUV,
            legs=TWO_LEGS,
            seed=seed,
        )
        for seed in (1, 2)
    )
    assert again.raw6.read_bytes() == visit.raw6.read_bytes()
    assert other.raw6.read_bytes() != visit.raw6.read_bytes()


def test_both_bands_share_the_pointing(visit: Visit, tmp_path: Path) -> None:
    fuv = simulate_visit(tmp_path, calibration=visit.calibration, band=Band.FUV, legs=TWO_LEGS)
    for path in [*visit.pointing.iterdir(), *visit.consolidated.iterdir()]:
        twin = tmp_path / path.parent.name / path.name
        assert twin.read_bytes() == path.read_bytes()
    assert fuv.raw6.name == "e23500-fd-raw6.fits.gz"
    assert read_raw6(fuv.raw6).band == "FUV"


def test_raw6_is_laid_out_like_the_mission_s(visit: Visit, shared_galex: Path) -> None:
    with (
        fits.open(shared_galex / "e23500" / "e23500-nd-raw6.fits.gz") as real,
        fits.open(visit.raw6) as made_up,
    ):
        assert made_up[1].columns.names == real[1].columns.names
        assert made_up[1].columns.formats == real[1].columns.formats
        assert made_up[0].header["BAND"] == real[0].header["BAND"]
        assert (np.diff(made_up[1].data["t"]) >= 0).all()


def test_truth_is_in_the_order_of_the_file(visit: Visit) -> None:
    raw, truth = read_raw6(visit.raw6), visit.truth
    assert np.array_equal(raw.time_ms, truth.time_ms)
    assert (np.isnan(truth.ra) == (truth.leg < 0)).all()
    assert (truth.leg[truth.origin == Origin.STIM] == -1).all()


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


def test_dark_intervals_hold_only_stims(synthetic_calibration: Path, tmp_path: Path) -> None:
    plan = LegPlan(10.0, 5.0, dark=((20.0, 23.0),))
    made = simulate_visit(tmp_path, calibration=synthetic_calibration, band=Band.NUV, legs=[plan])
    second = (made.truth.time_ms - made.legs[0].aspect.time_ms[0]) / 1000
    dark = (second >= 20) & (second < 23)
    assert dark.sum() > 100
    assert set(made.truth.origin[dark]) == {Origin.STIM}


def test_weights_undo_the_response(synthetic_calibration: Path, tmp_path: Path) -> None:
    star = Source(10.3, 5.2, 400.0)
    made = simulate_visit(
        tmp_path,
        calibration=synthetic_calibration,
        band=Band.NUV,
        legs=[LegPlan(10.0, 5.0)],
        scene=Scene(sources=(star,)),
    )
    photons = photons_of(made)
    good = (photons.flag == 0) & (made.truth.origin[photons.event] == 0)
    seconds = np.ptp(photons.time_ms[good]) / 1000
    weights = 1 / photons.response[good]
    expected = star.rate * seconds
    assert weights.sum() == pytest.approx(expected, abs=4 * np.sqrt((weights**2).sum()))
    assert good.sum() < 0.95 * expected


def test_hotspots_lie_under_the_mask(synthetic_calibration: Path, tmp_path: Path) -> None:
    scene = Scene(hotspots=(Hotspot(520.5, 470.5, 20.0),))
    made = simulate_visit(tmp_path, calibration=synthetic_calibration, band=Band.NUV, scene=scene)
    photons = photons_of(made)
    hot = made.truth.origin[photons.event] == Origin.HOTSPOT
    assert hot.sum() > 1000
    assert photons.mask[hot].mean() > 0.95
    assert photons.mask[~hot].mean() < 0.01
