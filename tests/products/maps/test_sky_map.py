from pathlib import Path
from typing import Any

import astropy.units as u
import fitsio
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.time import Time
from tests.gphoton_db.archives import Sources, ingest
from tests.products.conftest import ECLIPSE, FIELDS

from gphoton_db.archive import Archive
from gphoton_db.errors import NoCoverageError, ProductError
from gphoton_db.mission import Band
from gphoton_db.products.maps.sky_map import SkyMap
from gphoton_db.products.sky_places import extent_of, position_of, ranges_of
from gphoton_db.simulate.plan import LegPlan, Spiral
from gphoton_db.simulate.scene import Scene
from gphoton_db.simulate.visit import simulate_visit

RA0, DEC0 = FIELDS["ordinary"]


def weighted(archive: Archive, where: str) -> tuple[int, float]:
    """Return the number and the summed weight of good photons, by SQL."""
    (row,) = archive.query(
        "SELECT count(*) AS n, coalesce(sum(1 / response::DOUBLE), 0) AS weight FROM photons "
        f"WHERE flags = 0 AND NOT mask AND response > 0 AND detrad < 370 AND {where}"
    ).rows()
    return int(row["n"]), float(row["weight"])


def test_a_map_of_everything_has_every_good_photon(archive: Archive) -> None:
    (made,) = archive.map(RA0, DEC0, 1.4, bands="NUV")
    n, weight = weighted(archive, "band = 'NUV'")
    assert made.header["PHOTCNT"] == n
    assert made.count.sum(dtype=np.float64) == pytest.approx(weight, rel=1e-6)
    assert not made.count[made.exposure == 0].any()


def test_all_legs_that_saw_a_box_are_in_its_map(archive: Archive) -> None:
    (both,) = archive.map(RA0 + 0.5, DEC0, 0.3, bands="FUV")
    first, second = (
        archive.cutout(ECLIPSE, "FUV", RA0 + 0.5, DEC0, 0.3, leg=leg) for leg in (0, 1)
    )
    assert (both.header["NLEG"], both.header["LEG1"]) == (2, "e23500-b00")
    np.testing.assert_allclose(both.count, first.count + second.count, atol=1e-5)
    np.testing.assert_allclose(both.exposure, first.exposure + second.exposure, rtol=1e-5)


def test_maps_of_parts_of_the_time_add_up_to_the_map_of_all_of_it(archive: Archive) -> None:
    (whole,) = archive.map(RA0, DEC0, 0.2, bands="NUV")
    parts = archive.map(RA0, DEC0, 0.2, bands="NUV", depth=7.3)
    assert len({part.name for part in parts}) == len(parts) > 3
    np.testing.assert_allclose(sum(part.count for part in parts), whole.count, atol=1e-5)
    np.testing.assert_allclose(
        sum(part.exposure for part in parts), whole.exposure, rtol=1e-3, atol=0.05
    )


def test_a_time_range_is_half_open(archive: Archive) -> None:
    rows = archive.query("SELECT t_ms FROM photons WHERE band = 'NUV' AND flags = 0").df()
    t_ms = np.sort(rows["t_ms"].to_numpy())
    start, stop = int(t_ms[500]), int(t_ms[2500])
    (made,) = archive.map(
        RA0, DEC0, 1.4, bands="NUV", time_ranges=[(start / 1000, stop / 1000)], pixel=10.0
    )
    n, _ = weighted(archive, f"band = 'NUV' AND t_ms >= {start} AND t_ms < {stop}")
    assert made.header["PHOTCNT"] == n


def test_maps_hold_anywhere_on_the_sky(field_root: Path) -> None:
    with Archive(field_root) as archive:
        (leg,) = archive.legs()
        (made,) = archive.map(leg.ra0, leg.dec0, 1.5, bands="NUV", pixel=5.0)
        n, _ = weighted(archive, "band = 'NUV'")
    assert made.header["PHOTCNT"] == n
    assert (made.exposure[made.count > 0] > 0).mean() > 0.999


def test_bands_without_coverage_are_left_out(archive: Archive) -> None:
    assert [made.band for made in archive.map(RA0, DEC0, 0.1)] == [Band.NUV, Band.FUV]
    assert [made.band for made in archive.map(RA0 + 1.2, DEC0, 0.1)] == [Band.FUV]


@pytest.mark.parametrize(
    "compression",
    ["rice", *(pytest.param(each, marks=pytest.mark.deep) for each in ("gzip", "none"))],
)
def test_a_written_map_is_valid_and_comes_back(
    copied: Path, tmp_path: Path, compression: str
) -> None:
    with Archive(copied) as archive:
        (made,) = archive.map(RA0, DEC0, 0.1, bands="NUV")
        path = made.write(tmp_path, compression)
        # The archive that was copied may know files of other tests.
        found = archive.query("SELECT kind FROM products WHERE path = ?", [path.as_posix()]).rows()
    assert found == [{"kind": "map"}]
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
        assert [hdu.name for hdu in hdus[1:]] == ["COUNT", "EXPOSURE", "INTENSITY"]
    assert fitsio.read(str(path), ext="INTENSITY").shape == made.count.shape
    back = SkyMap.read(path)
    tolerance = 0.00049 if compression == "rice" else 0
    assert np.abs(back.count - made.count).max() <= tolerance
    assert np.abs(back.exposure - made.exposure).max() <= tolerance
    assert back.geometry == made.geometry
    assert back.header["PHOTCNT"] == made.header["PHOTCNT"]


def test_a_place_that_nobody_saw_says_so(archive: Archive) -> None:
    with pytest.raises(NoCoverageError, match=r"none of the 1 ingested NUV legs .* saw it"):
        archive.map(10.0, 10.0, bands="NUV")
    with pytest.raises(NoCoverageError, match=r"NUV.*; .*FUV"):
        archive.map(10.0, 10.0)


def test_a_time_without_a_visit_says_when_there_were_some(archive: Archive) -> None:
    with pytest.raises(NoCoverageError, match=r"not seen in NUV in these time ranges: the 1 legs"):
        archive.map(RA0, DEC0, bands="NUV", time_ranges=[(0, 1)])


def test_a_corner_that_the_detector_just_missed_says_so(archive: Archive) -> None:
    with pytest.raises(NoCoverageError, match="legs came near"):
        archive.map(RA0 + 0.631, DEC0, 0.002, bands="NUV", edge=350.0)


def test_coverage_without_photons_is_a_map_of_zeros_and_a_warning(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    (made,) = archive.map(RA0, DEC0, 0.0005, bands="FUV")
    assert made.header["PHOTCNT"] == 0
    assert made.exposure.min() > 0
    assert "covered, but without photons" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 0}, "empty or too large"),
        ({"size": -1}, "empty or too large"),
        ({"size": (0.1, 0.1, 0.1)}, "a width and a height, not 3"),
        ({"size": 1 * u.s}, "no angle"),
        ({"size": 50}, "use larger pixels, or a smaller field"),
        ({"pixel": 0}, "pixel size"),
        ({"pixel": float("nan")}, "pixel size"),
        ({"depth": 0}, "depth"),
        ({"depth": float("nan")}, "depth"),
        ({"size": 2, "depth": 0.1}, "too much memory"),
        ({"bands": ()}, "no band"),
        ({"time_ranges": []}, "no time range"),
        ({"time_ranges": [(2, 1)]}, "is empty"),
        ({"time_ranges": [(float("nan"), 1)]}, "no time"),
        ({"edge": 0}, "edge"),
        ({"dec": 91}, "declination"),
    ],
)
def test_what_makes_no_sense_is_an_error(
    archive: Archive, arguments: dict[str, Any], message: str
) -> None:
    given: dict[str, Any] = {"ra": RA0, "dec": DEC0, "size": 0.1, "bands": "NUV", **arguments}
    with pytest.raises(ProductError, match=message):
        archive.map(**given)


def test_places_sizes_and_times_come_in_many_forms() -> None:
    coord = SkyCoord("21h34m00s -02d00m00s")
    assert position_of(coord) == pytest.approx((323.5, -2.0))
    assert position_of(-36.5 * u.deg, "-2") == pytest.approx((323.5, -2.0))
    assert extent_of(6 * u.arcmin) == pytest.approx((0.1, 0.1))
    assert extent_of([6, 12] * u.arcmin) == extent_of((0.1, 0.2)) == pytest.approx((0.1, 0.2))
    start = Time("2004-01-21T16:34:07.995", scale="utc")
    assert ranges_of([(758738050.0, 758738060.0), (start, 758738055.0)]) == [
        (758738047995, 758738060000)
    ]
    with pytest.raises(ProductError, match="dec is missing"):
        position_of(1.0)


def chi_square(values: np.ndarray, level: np.ndarray, weight: float) -> float:
    """Return chi-square for each degree of freedom of summed weights about their expectation."""
    return float(((values - level) ** 2 / (level * weight)).sum() / (values.size - 1))


def test_the_intensity_of_a_flat_sky_is_flat_and_its_count_is_not(
    synthetic_calibration: Path, tmp_path: Path
) -> None:
    visit = simulate_visit(
        tmp_path / "visit",
        calibration=synthetic_calibration,
        band=Band.NUV,
        legs=(LegPlan(RA0, DEC0, duration=90, dither=Spiral(45.0, 30.0)),),
        scene=Scene(background=9000.0),
    )
    with Archive(tmp_path / "archive") as archive:
        ingest(archive, Sources.of(visit))
        (made,) = archive.map(RA0, DEC0, 1.3, bands="NUV", pixel=36.0)
    seen = made.exposure > 0.2 * made.exposure.max()
    count, exposure = made.count[seen].astype(float), made.exposure[seen].astype(float)
    weight = made.count.sum() / made.header["PHOTCNT"]
    assert len(count) > 8000
    flat = chi_square(count, exposure * (count.sum() / exposure.sum()), weight)
    uneven = chi_square(count, np.full(len(count), count.mean()), weight)
    assert flat == pytest.approx(1.0, abs=0.06)
    assert uneven > 1.5
    hidden = exposure < 0.8 * exposure.max()
    dimmed = count[hidden].sum() / exposure[hidden].sum()
    assert dimmed == pytest.approx(count[~hidden].sum() / exposure[~hidden].sum(), rel=0.02)
