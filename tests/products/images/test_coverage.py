from pathlib import Path

import numpy as np
import pytest
import shapely
from tests.products.conftest import ECLIPSE, FIELDS

from gphoton_db.archive import Archive
from gphoton_db.aspect.coverage import (
    REGIONS,
    CoverageRegions,
    read_leg_apertures,
    regions_of_pointing,
)
from gphoton_db.aspect.pointing import Aspect, Boresight
from gphoton_db.aspect.sphere import separation
from gphoton_db.errors import PointingError
from gphoton_db.mission import DETECTOR_RADIUS_DEG
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.coverage import CoverageBit, coverage_bits
from gphoton_db.products.kernels.polygons import fill_polygon

APERTURE_DEG = 0.017
"""How far the shared table's circles may be from ours: they are drawn with a margin."""


def dithered(ra0: float, dec0: float, *, radius: float = 0.01, n: int = 60) -> Aspect:
    """Return a pointing that goes round a boresight."""
    angle = np.linspace(0, 4 * np.pi, n)
    return Aspect(
        1000 * np.arange(n),
        (ra0 + radius * np.sin(angle) / np.cos(np.radians(dec0))) % 360,
        dec0 + radius * np.cos(angle),
        np.zeros(n),
        np.zeros(n, np.int64),
    )


def away(region: shapely.Geometry, boresight: Boresight) -> np.ndarray:
    ra, dec = shapely.get_coordinates(region).T
    return separation(ra, dec, boresight.ra0, boresight.dec0)


@pytest.mark.parametrize(("ra0", "dec0"), [FIELDS["ordinary"], FIELDS["across RA 0"], (120, 85)])
def test_regions_are_the_detector_grown_and_shrunk_by_the_dither(ra0: float, dec0: float) -> None:
    boresight = Boresight(ra0, dec0, 0.0)
    regions = regions_of_pointing(dithered(ra0, dec0), boresight)
    assert away(regions.partial, boresight) == pytest.approx(DETECTOR_RADIUS_DEG + 0.01, abs=4e-4)
    assert away(regions.full_field, boresight) == pytest.approx(
        DETECTOR_RADIUS_DEG - 0.01, abs=4e-4
    )
    assert away(regions.full_370, boresight) == pytest.approx(370 / 600 - 0.01, abs=4e-4)
    assert away(regions.full_350, boresight) == pytest.approx(350 / 600 - 0.01, abs=4e-4)


def test_bits_are_those_of_the_distances_to_all_pointings() -> None:
    ra0, dec0 = FIELDS["across RA 0"]
    aspect = dithered(ra0, dec0, radius=0.03)
    geometry = ImageGeometry.centred(ra0, dec0, 1.4, 1.4, 30.0)
    bits = coverage_bits(regions_of_pointing(aspect, Boresight(ra0, dec0, 0.0)), geometry)
    x, y = np.meshgrid(np.arange(geometry.shape[1]), np.arange(geometry.shape[0]))
    ra, dec = geometry.wcs().pixel_to_world_values(x, y)
    good = slice(1, -1)
    distance = separation(ra[..., None], dec[..., None], aspect.ra[good], aspect.dec[good])
    limits = {
        CoverageBit.PARTIAL: (distance.min(axis=-1), DETECTOR_RADIUS_DEG),
        CoverageBit.FULL: (distance.max(axis=-1), DETECTOR_RADIUS_DEG),
        CoverageBit.FULL_370: (distance.max(axis=-1), 370 / 600),
        CoverageBit.FULL_350: (distance.max(axis=-1), 350 / 600),
    }
    for bit, (seen, limit) in limits.items():
        clear = np.abs(seen - limit) > 3e-4
        np.testing.assert_array_equal((bits & bit > 0)[clear], (seen < limit)[clear])


def test_a_pointing_that_drifts_further_than_the_detector_has_no_full_coverage() -> None:
    n = 200
    aspect = Aspect(
        1000 * np.arange(n), np.linspace(10, 12, n), np.zeros(n), np.zeros(n), np.zeros(n, np.int64)
    )
    regions = regions_of_pointing(aspect, Boresight(11.0, 0.0, 0.0))
    assert regions.full_field.is_empty
    assert regions.partial.area == pytest.approx(np.pi * 0.625**2 + 2 * 1.25, rel=0.02)


def test_a_polygon_with_a_hole_is_filled_but_for_the_hole() -> None:
    image = np.zeros((10, 10), np.uint8)
    square = np.array([[-1, -1], [8.5, -1], [8.5, 8.5], [-1, 8.5]], float)
    hole = np.array([[2.5, 2.5], [5.5, 2.5], [5.5, 5.5], [2.5, 5.5]], float)
    x, y = np.concatenate([square, hole]).T.copy()
    fill_polygon(x, y, np.array([0, 4, 8]), 2, image)
    expected = np.zeros((10, 10), np.uint8)
    expected[:9, :9] = 2
    expected[3:6, 3:6] = 0
    np.testing.assert_array_equal(image, expected)


def test_regions_survive_storage() -> None:
    regions = regions_of_pointing(dithered(323.5, -2.0), Boresight(323.5, -2.0, 0.0))
    again = CoverageRegions.from_wkb(regions.to_wkb(), "pointing")
    assert all(getattr(again, name).equals(getattr(regions, name)) for name in REGIONS)


def test_a_damaged_region_is_an_error() -> None:
    regions = regions_of_pointing(dithered(323.5, -2.0), Boresight(323.5, -2.0, 0.0))
    with pytest.raises(PointingError, match="damaged"):
        CoverageRegions.from_wkb({**regions.to_wkb(), "partial": b"no"}, "pointing")


def test_every_leg_has_its_coverage_in_the_archive(archive: Archive) -> None:
    rows = archive.query("SELECT eclipse, band, leg, source FROM coverage ORDER BY ALL").rows()
    assert [(row["band"], row["leg"], row["source"]) for row in rows] == [
        ("FUV", 0, "pointing"),
        ("FUV", 1, "pointing"),
        ("NUV", 0, "pointing"),
    ]
    stored = archive.coverage(ECLIPSE, "NUV")
    assert stored.partial.area > stored.full_field.area > stored.full_350.area > 0


def test_the_leg_aperture_table_can_be_imported(copied: Path, shared_galex: Path) -> None:
    table = shared_galex / "e23500" / "aspect" / "leg-aperture.parquet"
    with Archive(copied) as archive:
        assert archive.import_coverage(table) == 2  # leg 0 of either band
        assert archive.coverage(ECLIPSE, "NUV").source == "leg-aperture"
        assert archive.coverage(ECLIPSE, "FUV", 1).source == "pointing"


def test_ours_agree_with_the_leg_aperture_table_within_its_margin(
    e23500_root: Path, shared_galex: Path
) -> None:
    table = read_leg_apertures(shared_galex / "e23500" / "aspect" / "leg-aperture.parquet", 23500)
    with Archive(e23500_root) as archive:
        ours, (leg,) = archive.coverage(23500, "NUV"), archive.legs(23500)
    boresight = Boresight(leg.ra0, leg.dec0, leg.roll0)
    for name in REGIONS:
        difference = (
            away(getattr(ours, name), boresight).mean()
            - away(getattr(table[0], name), boresight).mean()
        )
        assert abs(difference) < APERTURE_DEG, name
