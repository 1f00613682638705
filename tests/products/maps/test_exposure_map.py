from pathlib import Path

import numpy as np
import pytest
from tests.products.conftest import ECLIPSE

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.exposure import Ticks, exposure_between, live_seconds
from gphoton_db.mission import DETECTOR_PIXELS, Band
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.maps.detector_weights import UsableDetector, detector_weights
from gphoton_db.products.maps.exposure_map import ExposureGrid, leg_attitudes
from gphoton_db.products.reader import choose_leg

EVERYWHERE = np.ones((DETECTOR_PIXELS, DETECTOR_PIXELS), np.float32)


def test_live_seconds_add_up_to_the_exposure_of_the_whole() -> None:
    rng = np.random.default_rng(1)
    t_ms = np.unique(rng.integers(0, 20_000, 2_000))
    t_ms = t_ms[(t_ms < 5_300) | (t_ms > 7_900)]
    unflagged = rng.integers(0, 3, len(t_ms))
    ticks = Ticks(t_ms, unflagged + 1, unflagged)
    edges = np.array([100, 1_000, 2_500, 5_500, 7_000, 7_001, 12_345, 19_000])
    seconds = live_seconds(ticks, edges, Band.NUV)
    whole = exposure_between(ticks, 100, 19_000, Band.NUV)
    assert seconds.sum() == pytest.approx(whole.effective, rel=1e-12)
    assert seconds[3] == 0.0


def test_a_photons_own_pixel_says_where_the_exposure_map_thinks_it_was(archive: Archive) -> None:
    """The transform that exposure maps use takes each photon's position to its detector pixel."""
    reader = archive._product_reader()
    leg = choose_leg(reader, ECLIPSE, Band.NUV)
    attitudes = leg_attitudes(reader, leg)
    photons = archive.query(
        "SELECT ra, dec, col, \"row\", t_ms FROM photons WHERE eclipse = 23500 AND band = 'NUV' "
        "AND flags = 0 USING SAMPLE 2000 ROWS (reservoir, 1)"
    ).df()
    second = np.searchsorted(attitudes.time_ms, photons["t_ms"], side="right") - 1
    ra, dec = np.radians(photons["ra"]), np.radians(photons["dec"])
    towards = np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)
    found = attitudes.planes[second]
    col, row, along = np.einsum("nij,nj->in", found, towards)
    # Within half a second the dither moves by up to 1.2 arcsec.
    assert np.abs(col / along - photons["col"]).max() < 0.3
    assert np.abs(row / along - photons["row"]).max() < 0.3


def test_the_middle_of_the_field_has_the_exposure_of_all_good_seconds(archive: Archive) -> None:
    reader = archive._product_reader()
    leg = choose_leg(reader, ECLIPSE, Band.NUV)
    attitudes = leg_attitudes(reader, leg)
    geometry = ImageGeometry.centred(leg.ra0, leg.dec0, 1.5, 1.5, 10.0)
    grid = ExposureGrid(geometry, threads=2)
    grid.add(attitudes, EVERYWHERE)
    image = grid.image()
    assert image[270, 270] == pytest.approx(attitudes.seconds.sum(), rel=1e-6)
    # Aspect rows at the ends of the leg are odd: their photons have no position.
    assert attitudes.seconds.sum() == pytest.approx(leg.exposure, abs=1.0)


@pytest.mark.parametrize(
    ("pixel", "points"),
    [(0.5, 51), (1.0, 101), (1.5, 101), (2.0, 101), (6.0, 100), (7.0, 172), (12.0, 100)],
)
def test_points_are_a_detector_pixel_apart(pixel: float, points: int) -> None:
    # In degrees, as a header has them, these sides are a little more or less than they say.
    side = {0.5: 600, 7.0: 86, 12.0: 50}.get(pixel, round(600 / pixel)) * pixel / 3600
    geometry = ImageGeometry.centred(10.0, 10.0, side, side, pixel)
    assert geometry.shape == (round(side * 3600 / pixel),) * 2
    assert len(ExposureGrid(geometry, threads=1)._u) == points


@pytest.mark.parametrize("pixel", [1.5, 25.0])
def test_exposure_does_not_depend_on_the_size_of_pixels(archive: Archive, pixel: float) -> None:
    reader = archive._product_reader()
    leg = choose_leg(reader, ECLIPSE, Band.NUV)
    weights = detector_weights(reader, leg, UsableDetector())
    attitudes = leg_attitudes(reader, leg)

    def mean_with(side: float) -> float:
        geometry = ImageGeometry.centred(leg.ra0 + 0.3, leg.dec0 + 0.4, 0.4999, 0.4999, side)
        grid = ExposureGrid(geometry, threads=2)
        grid.add(attitudes, weights)
        return float(grid.image().mean())

    assert 0.5 < mean_with(pixel) / attitudes.seconds.sum() < 1
    assert mean_with(pixel) == pytest.approx(mean_with(5.0), rel=1e-3)


def test_exposure_of_two_halves_is_that_of_the_whole(archive: Archive) -> None:
    reader = archive._product_reader()
    leg = choose_leg(reader, ECLIPSE, Band.NUV)
    start, middle, stop = round(leg.t0 * 1000), round(leg.t0 * 1000) + 17_123, round(leg.t1 * 1000)
    halves = [leg_attitudes(reader, leg, [part]) for part in ((start, middle), (middle, stop))]
    whole = leg_attitudes(reader, leg, [(start, stop)])
    total = sum(half.seconds.sum() for half in halves)
    assert total == pytest.approx(whole.seconds.sum(), abs=0.1)


def test_a_calibration_that_is_gone_is_an_error_that_says_so(
    archive: Archive, tmp_path: Path
) -> None:
    reader = archive._product_reader()
    leg = choose_leg(reader, ECLIPSE, Band.NUV)
    with pytest.raises(
        ProductError, match=r"NUV_flat.fits that calibrated .* give the calibration"
    ):
        detector_weights(reader, leg, UsableDetector(), calibration=tmp_path)


@pytest.mark.parametrize("edge", [0.0, -1.0, 401.0, float("nan")])
def test_an_impossible_edge_is_an_error(edge: float) -> None:
    with pytest.raises(ProductError, match="edge"):
        UsableDetector(edge)
