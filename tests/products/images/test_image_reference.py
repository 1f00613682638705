"""The image of eclipse 23500 against the reference implementation's figures."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.products.conftest import Reference

from gphoton_db.archive import Archive
from gphoton_db.products.images.image import Image

BLOCK = 32

CENTRE_TOLERANCE = 1e-4
"""Pixels, 0.15 mas: the reference's positions, which its centre comes from, carry errors of
float32 arithmetic of 0.06 mas (median)."""


@pytest.fixture(scope="module")
def image(e23500_root: Path) -> Image:
    with Archive(e23500_root) as archive:
        return archive.image(23500, "NUV")


def block_sums(pixels: NDArray[np.generic]) -> NDArray[np.float64]:
    rows, columns = (side // BLOCK for side in pixels.shape)
    whole = pixels[: rows * BLOCK, : columns * BLOCK].astype(np.float64)
    sums: NDArray[np.float64] = whole.reshape(rows, BLOCK, columns, BLOCK).sum(axis=(1, 3))
    return sums


def test_coordinates_agree(image: Image, reference: Reference) -> None:
    geometry, wcs = image.geometry, reference["wcs"]
    assert geometry.crpix == tuple(wcs[2:4])
    assert geometry.cdelt == tuple(wcs[4:6])
    assert geometry.shape == (wcs[7], wcs[6])
    assert np.abs(np.subtract(geometry.crval, wcs[:2]) / geometry.cdelt[1]).max() < CENTRE_TOLERANCE


def test_photons_exposure_and_times_agree(image: Image, reference: Reference) -> None:
    exposure, t0, t1, n_photons, _ = reference["image"]
    assert image.header["PHOTCNT"] == n_photons
    assert image.exposure == pytest.approx(exposure, abs=0.001)
    assert (image.header["T0_0"], image.header["T1_0"]) == (t0, t1)


def test_total_agrees_but_for_photons_that_the_reference_drops(
    image: Image, reference: Reference
) -> None:
    # Fault 5: on the longer axis it drops what lies beyond the length of the shorter.
    shorter = min(image.count.shape)
    kept = image.count[:shorter, :shorter].sum(dtype=np.float64)
    assert kept == pytest.approx(reference["image"][-1], rel=1e-6)
    dropped = image.count[:, shorter:]
    assert np.count_nonzero(dropped) == 9
    assert dropped.sum(dtype=np.float64) == pytest.approx(16.1, abs=0.01)


def test_counts_agree_but_for_two_photons_on_borders(image: Image, reference: Reference) -> None:
    difference = block_sums(image.count) - reference["cnt"]
    differs = np.abs(difference) > 1e-3 * reference["cnt"]
    # Two photons lie so close to a border between blocks that the reference's rounding moves them
    # into the neighbour: what one block has more, the next one lacks.
    assert np.argwhere(differs).tolist() == [[42, 84], [42, 85], [67, 47], [67, 48]]
    assert np.abs(difference[differs].reshape(2, 2).sum(axis=1)).max() < 0.05


def test_flags_and_dose_agree_but_for_photons_on_borders(
    image: Image, reference: Reference
) -> None:
    flagged = block_sums(image.flag > 0) - reference["flagged"]
    assert np.abs(flagged).sum() <= 1
    dose = block_sums(image.dose) - reference["dose"]
    assert image.dose.sum() == reference["dose"].sum()
    assert np.abs(dose).max() <= 1
    assert np.count_nonzero(dose) <= 4


def test_exposure_of_every_frame_agrees(e23500_root: Path, reference: Reference) -> None:
    with Archive(e23500_root) as archive:
        table = archive.exposure(23500, "NUV", depth=60)
    t0, t1, exposure = reference["frames"]
    assert np.array_equal(table["t0"], t0)
    assert np.array_equal(table["t1"], t1)
    assert np.abs(table["exposure"] - exposure).max() < 0.001


def test_stored_precision_moves_few_photons(
    image: Image, shared_galex: Path, reference_calibration: Path, tmp_path: Path
) -> None:
    with Archive(tmp_path / "archive") as archive:
        archive.ingest(
            23500,
            "NUV",
            raw6=shared_galex / "e23500" / "e23500-nd-raw6.fits.gz",
            pointing=shared_galex / "e23500",
            calibration=reference_calibration,
        )
        stored = archive.image(23500, "NUV")
    assert stored.geometry.shape == image.geometry.shape
    assert np.array_equal(stored.dose, image.dose)
    assert stored.count.sum(dtype=np.float64) == pytest.approx(image.count.sum(), rel=1e-4)
    moved = np.count_nonzero(np.abs(stored.count - image.count) > 0.5)
    assert moved < 0.02 * np.count_nonzero(image.count)
