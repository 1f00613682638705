"""Movies: nothing is lost or gained between frames, images and photons."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.examples import examples
from tests.products.conftest import Reference

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError

DEPTHS_MS = st.integers(400, 19_000)


@pytest.fixture(scope="module")
def image_totals() -> Callable[[Archive], tuple[float, np.ndarray, np.ndarray]]:
    """Return the sum of an archive's only NUV image, the image, and its flags."""

    @lru_cache
    def totals(root: Path) -> tuple[float, np.ndarray, np.ndarray]:
        with Archive(root) as archive:
            image = archive.image(23500, "NUV", pixel=3)
        return float(image.count.sum(dtype=np.float64)), image.count, image.flag

    return lambda archive: totals(archive.paths.root)


@settings(
    max_examples=examples(2),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(depth_ms=DEPTHS_MS)
@example(depth_ms=7_301)
@example(depth_ms=60)
def test_frames_add_up_to_the_image(
    archive: Archive,
    image_totals: Callable[[Archive], tuple[float, np.ndarray, np.ndarray]],
    depth_ms: int,
) -> None:
    total, count, flag = image_totals(archive)
    movie = archive.movie(23500, "NUV", depth=depth_ms / 1000, pixel=3)
    sums, flags = np.zeros(count.shape), np.zeros(flag.shape, np.uint8)
    for frame in movie:
        sums.reshape(-1)[frame.sparse.pixel] += frame.sparse.count
        flags.reshape(-1)[frame.sparse.pixel] |= frame.sparse.flag
    np.testing.assert_allclose(sums, count, rtol=1e-6)
    assert (flags == flag).all()
    assert sums.sum() == pytest.approx(total, rel=1e-7)


def test_frames_add_up_to_the_weighted_photons_anywhere_on_the_sky(field_root: Path) -> None:
    with Archive(field_root) as archive:
        movie = archive.movie(23500, "NUV", depth=3.7, pixel=3)
        image = archive.image(23500, "NUV", pixel=3)
        (row,) = archive.query(
            "SELECT sum(1 / response) AS total, count(*) AS n FROM photons "
            "WHERE ra IS NOT NULL AND detrad < 400 AND response > 0"
        ).rows()
    totals = [float(frame.count.sum(dtype=np.float64)) for frame in movie]
    assert sum(totals) == pytest.approx(row["total"], rel=1e-6)
    assert sum(totals) == pytest.approx(image.count.sum(dtype=np.float64), rel=1e-6)
    assert sum(map(len, movie.photons.within(0, len(movie)))) == row["n"]
    assert movie.geometry == image.geometry


def test_the_last_frame_is_not_cut_short(archive: Archive) -> None:
    movie = archive.movie(23500, "NUV", depth=11.0)
    (leg,) = (leg for leg in archive.legs(23500) if leg.band == "NUV")
    assert movie[0].t0 == leg.photon_t0
    assert movie[-1].t1 == pytest.approx(movie[0].t0 + 11.0 * len(movie), abs=1e-6)
    assert leg.photon_t1 is not None
    assert movie[-1].t0 <= leg.photon_t1 < movie[-1].t1
    assert movie[-1].exposure < movie[0].exposure


def test_a_frame_without_photons_is_zero_and_has_no_exposure(archive: Archive) -> None:
    (leg,) = (leg for leg in archive.legs(23500) if leg.band == "NUV")
    assert leg.photon_t0 is not None
    early = archive.movie(23500, "NUV", depth=2.0, start=round(leg.photon_t0 - 6.0, 3))
    assert [frame.exposure for frame in early][:3] == [0.0, 0.0, 0.0]
    assert not early[0].count.any()
    assert not early[0].flag.any()
    assert early[3].count.any()


def test_a_start_leaves_out_what_was_before_it(archive: Archive) -> None:
    whole = archive.movie(23500, "NUV", depth=5.0)
    late = archive.movie(23500, "NUV", depth=5.0, start=whole[2].t0)
    assert len(late) == len(whole) - 2
    assert (late[0].count == whole[2].count).all()
    assert late[0].exposure == whole[2].exposure


def test_frames_coincide_with_those_of_the_other_band(archive: Archive) -> None:
    fuv = archive.movie(23500, "FUV", 0, depth=1.5)
    nuv = archive.movie(23500, "NUV", 0, depth=1.5, align_to="FUV")
    off = (nuv.times.start_ms - fuv.times.start_ms) / nuv.times.depth_ms
    assert off == int(off)
    total = archive.image(23500, "NUV").count.sum(dtype=np.float64)
    assert sum(f.sparse.count.sum(dtype=float) for f in nuv) == pytest.approx(total, rel=1e-6)


def test_its_exposures_are_those_of_the_exposure_table(archive: Archive) -> None:
    movie = archive.movie(23500, "NUV", depth=7.0)
    table = archive.exposure(23500, "NUV", depth=7.0)
    assert movie.exposure_table()["exposure"].tolist() == table["exposure"].tolist()
    assert [frame.exposure for frame in movie] == table["exposure"].tolist()


def test_every_leg_has_a_movie_of_its_own(archive: Archive) -> None:
    movies = list(archive.movie(23500, "FUV", "all", depth=4.0))
    assert [movie.leg.leg for movie in movies] == [0, 1]
    with pytest.raises(ProductError, match="has 2 legs"):
        archive.movie(23500, "FUV", depth=4.0)


def test_frames_are_numbered_as_lists_are(archive: Archive) -> None:
    movie = archive.movie(23500, "NUV", depth=9.0)
    assert movie[-1].number == len(movie) - 1 == [frame.number for frame in movie][-1]
    with pytest.raises(IndexError, match=f"has {len(movie)} frames"):
        movie[len(movie)]


@pytest.mark.parametrize("depth", [0.0, -1.0, float("nan"), 1e6])
def test_a_depth_that_makes_no_sense_is_refused(archive: Archive, depth: float) -> None:
    with pytest.raises(ProductError, match="depth"):
        archive.movie(23500, "NUV", depth=depth)


def test_a_start_and_a_band_to_align_to_are_too_much(archive: Archive) -> None:
    with pytest.raises(ProductError, match="give one"):
        archive.movie(23500, "NUV", depth=1.0, start=1.0, align_to="FUV")


def test_the_frames_of_e23500_are_those_of_the_reference(
    e23500_root: Path, reference: Reference
) -> None:
    with Archive(e23500_root) as archive:
        movie = archive.movie(23500, "NUV", depth=60.0)
    t0, t1, exposure = reference["frames"]
    assert [frame.t0 for frame in movie] == pytest.approx(t0, abs=1e-6)
    assert [frame.t1 for frame in movie] == pytest.approx(t1, abs=1e-6)
    assert [frame.exposure for frame in movie] == pytest.approx(exposure, abs=1e-3)
