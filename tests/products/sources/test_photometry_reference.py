"""Detection and photometry of e23500 against the reference implementation's figures.

The reference writes positions that are one pixel off on both axes (it counts pixels from 0, and
hands them to a coordinate system that counts from 1), and measures positions from a list with the
same shift; its aperture sums are those of the true places.  So its positions are read back here
the way that it wrote them; ours are right, as the truth says.
"""

from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from tests.products.conftest import Reference

from gphoton_db.archive import Archive
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.sources.photometry import Photometry

RADII = (6.0, 12.8)
DEPTH = 60.0

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def archive(e23500_root: Path) -> Archive:
    return Archive(e23500_root)


@pytest.fixture(scope="module")
def measured(archive: Archive) -> Photometry:
    return archive.photometry(23500, "NUV", radii=RADII, depth=DEPTH)


@pytest.fixture(scope="module")
def geometry(archive: Archive) -> ImageGeometry:
    return archive.image(23500, "NUV").geometry


def reference_places(geometry: ImageGeometry, rows: Floats) -> tuple[Floats, Floats]:
    """Return where the reference measured, pixels from 0."""
    x, y = geometry.pixel_of(rows[:, 0], rows[:, 1])
    return x, y


def of_radius(reference: Reference, name: str, radius: float) -> Floats:
    return np.asarray(reference[f"{name}_{radius:.1f}".replace(".", "_")], np.float64)


@pytest.mark.parametrize("radius", RADII)
def test_detections_and_their_sums_agree(
    geometry: ImageGeometry, measured: Photometry, reference: Reference, radius: float
) -> None:
    rows, frames = of_radius(reference, "phot", radius), of_radius(reference, "lc", radius)
    wide = measured.wide(radius)
    places = np.column_stack([wide["xcentroid"], wide["ycentroid"]])
    distance, at = cKDTree(places).query(np.column_stack(reference_places(geometry, rows)))
    matched = distance * 1.5 < 0.3
    assert matched.mean() >= 0.99
    ours = wide[at[matched]]
    ratio = np.asarray(ours["aperture_sum"]) / rows[matched, 2]
    assert np.median(np.abs(ratio - 1)) < 1e-6
    assert np.array_equal(ours["artifact_flag"], rows[matched, 3])
    sums = np.column_stack([ours[f"aperture_sum_{k}"] for k in range(7)])
    seen = frames[matched] > 0
    assert np.median(np.abs(sums[seen] / frames[matched][seen] - 1)) < 1e-6


@pytest.mark.parametrize("radius", [6.0, pytest.param(12.8, marks=pytest.mark.deep)])
def test_forced_sums_agree(
    archive: Archive, geometry: ImageGeometry, reference: Reference, radius: float
) -> None:
    rows = of_radius(reference, "phot", radius)
    ra, dec = geometry.wcs().wcs_pix2world(*reference_places(geometry, rows), 0)
    forced = archive.photometry(23500, "NUV", radii=radius, catalog=Table({"ra": ra, "dec": dec}))
    ratio = np.asarray(forced.table["counts"]) / rows[:, 2]
    assert np.median(np.abs(ratio - 1)) < 5e-4
    assert (np.abs(ratio - 1) < 5e-4).mean() >= 0.99


def test_positions_are_true(
    geometry: ImageGeometry, measured: Photometry, shared_galex: Path
) -> None:
    truth = Table.read(shared_galex / "e23500" / "e23500-nd-truth.csv", format="ascii.csv")
    bright = truth[truth["rate"] > 0.5]
    x, y = geometry.pixel_of(bright["ra"], bright["dec"])
    found = np.column_stack([measured.sources["x"], measured.sources["y"]])
    distance, at = cKDTree(found).query(np.column_stack([x - 1, y - 1]))
    near = distance < 1
    assert near.sum() > 100
    offset = found[at[near]] - np.column_stack([x - 1, y - 1])[near]
    assert np.abs(np.median(offset, axis=0)).max() < 0.05  # 0.08 arcsec; the reference: 1 pixel
