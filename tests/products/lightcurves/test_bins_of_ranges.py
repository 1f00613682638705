"""Bins belong to their time range, and what is said of a bin is that bin's own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from tests.archives import SessionArchive, Star

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.sums import empty_sums
from gphoton_db.products.lightcurves.flags import dither_warning
from gphoton_db.products.lightcurves.lightcurve import LightCurve


@pytest.fixture(scope="module")
def archive(two_bands: SessionArchive) -> Iterator[Archive]:
    with Archive(two_bands.archive_path) as opened:
        yield opened


def plain(column: Any) -> Any:
    return np.asarray(getattr(column, "value", column))


@pytest.fixture
def place(two_bands: SessionArchive) -> tuple[float, float]:
    star = two_bands.star(Star.BRIGHT)
    return star.ra, star.dec


def start_of(archive: Archive) -> float:
    """Return a whole second after the first photon of the NUV leg."""
    (leg,) = (leg for leg in archive.legs() if leg.band == "NUV")
    return float(np.ceil(leg.t0)) + 10


def curve_of(
    archive: Archive, place: tuple[float, float], ranges: Any, step: float | None
) -> LightCurve:
    return archive.lightcurve(*place, step=step, bands="NUV", time_ranges=ranges)


def test_ranges_that_touch_are_a_bin_each(archive: Archive, place: tuple[float, float]) -> None:
    begin = start_of(archive)
    first, second = (begin, begin + 10), (begin + 10, begin + 25)
    curve = curve_of(archive, place, [second, first], None)
    assert plain(curve["t0"]).tolist() == [first[0], second[0]]
    assert plain(curve["t1"]).tolist() == [first[1], second[1]]
    alone = [curve_of(archive, place, [each], None) for each in (first, second)]
    for name in ("counts", "exposure", "cps"):
        assert plain(curve[name]).tolist() == [plain(each[name])[0] for each in alone]


@pytest.mark.parametrize("method", ["photon", "image"])
def test_no_bin_crosses_the_border_of_ranges(
    archive: Archive, place: tuple[float, float], method: Any
) -> None:
    begin = start_of(archive)
    ranges = [(begin, begin + 10), (begin + 10, begin + 20)]
    curve = archive.lightcurve(
        *place, step=4, bands="NUV", time_ranges=ranges, method=method, radius=20
    )
    assert (plain(curve["t0"]) - begin).tolist() == [0, 4, 8, 10, 14, 18]
    assert (plain(curve["t1"]) - begin).tolist() == [4, 8, 10, 14, 18, 20]


def test_longer_bins_stay_in_their_range(archive: Archive, place: tuple[float, float]) -> None:
    begin = start_of(archive)
    # The first two touch, and a pause lies between these and the last.
    ranges = [(begin, begin + 6), (begin + 6, begin + 12), (begin + 14, begin + 20)]
    fine = curve_of(archive, place, ranges, 2)
    for step in (4, None):
        coarse = curve_of(archive, place, ranges, step)
        made = fine.bin(step)
        for name in ("t0", "t1", "counts", "exposure"):
            np.testing.assert_allclose(plain(made[name]), plain(coarse[name]), rtol=5e-3)
        assert plain(made["t0"]).tolist() == plain(coarse["t0"]).tolist()


def test_no_map_crosses_the_border_of_ranges(archive: Archive, place: tuple[float, float]) -> None:
    begin = start_of(archive)
    ranges = [(begin, begin + 10), (begin + 10, begin + 20)]
    made = archive.map(*place, size=0.05, bands="NUV", time_ranges=ranges, depth=8)
    spans = [[round(each.header[name] - begin, 2) for name in ("T0", "T1")] for each in made]
    assert spans == [[0, 8], [8, 10], [10, 18], [18, 20]]


def test_ranges_that_overlap_have_no_bins(archive: Archive, place: tuple[float, float]) -> None:
    begin = start_of(archive)
    with pytest.raises(ProductError, match=r"overlap.*would count twice"):
        curve_of(archive, place, [(begin, begin + 10), (begin + 9, begin + 20)], 5)


def test_what_is_selected_is_the_union_of_ranges(
    archive: Archive, place: tuple[float, float]
) -> None:
    begin = start_of(archive)
    parts = [(begin, begin + 10), (begin + 10, begin + 20), (begin + 15, begin + 18)]
    found, whole = (
        archive.events(*place, bands="NUV", time_ranges=ranges)
        for ranges in (parts, [(begin, begin + 20)])
    )
    assert plain(found["t"]).tolist() == plain(whole["t"]).tolist()
    assert found.meta["GTI"] == whole.meta["GTI"]


def test_the_length_in_a_file_is_that_of_the_bins(
    archive: Archive, place: tuple[float, float], tmp_path: Path
) -> None:
    begin = start_of(archive)
    even = [(begin, begin + 8)]
    for ranges, expected in ((even, [4, 4]), ([(begin, begin + 9)], [4, 4, 1])):
        path = curve_of(archive, place, ranges, 4).write(tmp_path / "curve.fits")
        with fits.open(path) as hdus:
            rate = hdus["RATE"]
            if ranges is even:
                assert rate.header["TIMEDEL"] == 4
                assert "TIMEDEL" not in rate.columns.names
            else:
                assert "TIMEDEL" not in rate.header
                assert rate.data["TIMEDEL"].tolist() == expected
    visit = archive.lightcurve(*place, step=None, bands="NUV")
    with fits.open(visit.write(tmp_path / "visit.fits")) as hdus:
        length = plain(visit["t1"] - visit["t0"])
        assert hdus["RATE"].header["TIMEDEL"] == pytest.approx(length[0], abs=1e-6)


def test_bins_too_long_for_the_dither_are_left_out_by_their_own_length() -> None:
    rng = np.random.default_rng(5)
    length = np.where(np.arange(60) % 3 == 0, 60.0, 10.0)
    place = 400 + 10 * np.sin(np.arange(60))
    # Long bins alone, which do not resolve the dither, go with the place.
    counts = rng.poisson(20 * np.where(length == 60.0, 1 + 0.03 * (place - 400), 1.0) * length)
    sums = empty_sums(1, 60)
    sums.counts[0] = counts
    sums.moments["weight"][0] = sums.moments["squared_weight"][0] = counts
    sums.moments["col"][0] = sums.moments["row"][0] = place * counts
    assert dither_warning(sums, length, np.full(60, 10.0)).tolist() == [True]
    assert dither_warning(sums, length, length).tolist() == [False]
