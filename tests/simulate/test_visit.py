import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from gphoton_db.errors import SimulationError
from gphoton_db.mission import Band
from gphoton_db.simulate.light_curves import Flare
from gphoton_db.simulate.plan import Detector, LegPlan
from gphoton_db.simulate.scene import (
    BandMagnitudes,
    Galaxy,
    Ghost,
    Hotspot,
    Origin,
    Scene,
    Source,
)
from gphoton_db.simulate.visit import Visit, simulate_visit
from tests.oracle.raw6 import read_raw6
from tests.oracle.reduction import Photons, reduce_visit

FLARE = Flare(start=20.0, peak=4.0, rise=3.0, decay=8.0)
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


def test_threads_change_no_byte(visit: Visit, tmp_path: Path) -> None:
    single, double = (
        simulate_visit(
            tmp_path / str(threads),
            calibration=visit.calibration,
            band=Band.NUV,
            legs=TWO_LEGS,
            threads=threads,
        )
        for threads in (1, 2)
    )
    for made in (single, double):
        assert made.raw6.read_bytes() == visit.raw6.read_bytes()
        assert made.event_truth is not None
        assert visit.event_truth is not None
        assert made.event_truth.read_bytes() == visit.event_truth.read_bytes()


def test_bands_and_eclipses_do_not_share_noise(visit: Visit, tmp_path: Path) -> None:
    other = simulate_visit(
        tmp_path, calibration=visit.calibration, band=Band.NUV, eclipse=23501, legs=TWO_LEGS
    )
    start = visit.truth.time_ms[0], other.truth.time_ms[0]
    assert not np.array_equal(
        visit.truth.time_ms[:100] - start[0], other.truth.time_ms[:100] - start[1]
    )


def test_nothing_unfinished_stays_behind(visit: Visit) -> None:
    files = {path for path in visit.raw6.parents[1].rglob("*") if path.is_file()}
    assert {path.parent.name for path in files} == {"raw6", "pointing", "tables", "truth"}
    assert [path for path in files if path.name.startswith(".")] == []
    assert len(list(visit.raw6.parent.iterdir())) == 1


def test_a_visit_without_event_truth_says_so(visit: Visit, tmp_path: Path) -> None:
    made, again = (
        simulate_visit(
            tmp_path,
            calibration=visit.calibration,
            band=Band.NUV,
            legs=TWO_LEGS,
            event_truth=event_truth,
        )
        for event_truth in (True, False)
    )
    assert again.raw6.read_bytes() == visit.raw6.read_bytes()
    assert made.event_truth is not None
    assert not made.event_truth.exists()
    with pytest.raises(SimulationError, match="simulated without event_truth"):
        _ = again.truth


def test_the_progress_ends_at_the_number_of_events(visit: Visit, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    simulate_visit(
        tmp_path,
        calibration=visit.calibration,
        band=Band.NUV,
        legs=TWO_LEGS,
        on_progress=lambda *news: told.append(news),
    )
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert told[-1][1:] == (visit.n_events, visit.n_events)
    assert {stage for stage, _, _ in told} == {"simulating"}


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


def test_dark_intervals_hold_only_stims(synthetic_calibration: Path, tmp_path: Path) -> None:
    plan = LegPlan(10.0, 5.0, dark=((20.0, 23.0),))
    made = simulate_visit(tmp_path, calibration=synthetic_calibration, band=Band.NUV, legs=[plan])
    second = (made.truth.time_ms - made.legs[0].aspect.time_ms[0]) / 1000
    dark = (second >= 20) & (second < 23)
    assert dark.sum() > 100
    assert set(made.truth.origin[dark]) == {Origin.STIM}


def test_gaps_hold_nothing_at_all(synthetic_calibration: Path, tmp_path: Path) -> None:
    plan = LegPlan(10.0, 5.0, gaps=((20.0, 23.5), (40.25, 41.0)))
    made = simulate_visit(tmp_path, calibration=synthetic_calibration, band=Band.NUV, legs=[plan])
    second = (made.truth.time_ms - made.legs[0].aspect.time_ms[0]) / 1000
    for start, stop in plan.gaps:
        assert not ((second >= start) & (second < stop)).any()
        assert (abs(second - start) < 0.1).any()
        assert (abs(second - stop) < 0.1).any()


@pytest.mark.parametrize(
    ("changes", "message"), [({"seed": -1}, "seed: must be"), ({"legs": ()}, "no leg: a visit")]
)
def test_what_cannot_be_is_refused(
    changes: dict[str, Any], message: str, synthetic_calibration: Path, tmp_path: Path
) -> None:
    with pytest.raises(SimulationError, match=message):
        simulate_visit(tmp_path, calibration=synthetic_calibration, band=Band.NUV, **changes)


def test_a_missing_calibration_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match=r"NUV_wiggle_x.fits: no such file"):
        simulate_visit(tmp_path / "visit", calibration=tmp_path, band=Band.NUV)


def test_the_source_truth_lists_everything_that_shines(
    synthetic_calibration: Path, tmp_path: Path
) -> None:
    scene = Scene(
        sources=(Source(10.1, 5.0, rate=2.0), Source(10.0, 5.1, rate=1.0, light_curve=FLARE)),
        galaxies=(Galaxy(10.0, 4.9, 8.0, magnitude=BandMagnitudes(nuv=19.0)),),
        hotspots=(Hotspot(520.5, 470.5, 20.0),),
        ghosts=(Ghost(10.2, 5.0, 1.0),),
    )
    made = simulate_visit(
        tmp_path,
        calibration=synthetic_calibration,
        band=Band.NUV,
        scene=scene,
        legs=[LegPlan(10.0, 5.0)],
    )
    with made.source_truth.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["kind"], row["number"], row["origin"]) for row in rows] == [
        ("source", "0", "0"),
        ("source", "1", "1"),
        ("galaxy", "0", "2"),
        ("ghost", "0", "-4"),
        ("hotspot", "0", "-3"),
    ]
    assert [row["light_curve"] for row in rows[:2]] == ["constant", "flare"]
    assert float(rows[0]["mean_rate"]) == 2.0
    expected = FLARE.factor(np.arange(0, 60, 0.01)).mean()
    assert float(rows[1]["mean_rate"]) == pytest.approx(expected, rel=0.01)
    assert float(rows[2]["rate"]) == pytest.approx(10 ** (-0.4 * (19.0 - 20.08)))
    assert (made.truth.origin == 2).sum() > 50


def test_weights_undo_the_response(synthetic_calibration: Path, tmp_path: Path) -> None:
    star = Source(10.3, 5.2, 400.0)
    made = simulate_visit(
        tmp_path,
        calibration=synthetic_calibration,
        band=Band.NUV,
        legs=[LegPlan(10.0, 5.0)],
        scene=Scene(sources=(star,)),
        detector=Detector(dead_time=False),
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
