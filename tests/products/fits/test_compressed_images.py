"""Images that are compressed on all cores are those that cfitsio compresses, bit for bit."""

from pathlib import Path
from typing import Any

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.products.file_names import Compression
from gphoton_db.products.fits.files import TILE_ROWS, NamedImage, write_images
from gphoton_db.products.fits.stream import COUNT_STEP

SHAPE = (2 * TILE_ROWS + 7, 45)
"""Three tiles, the last with fewer rows."""

RNG = np.random.default_rng(3)


def counts() -> NDArray[np.float32]:
    """Return what an image may hold, and numbers half-way between two multiples of the step."""
    values = np.where(RNG.random(SHAPE) < 0.4, RNG.exponential(2.0, SHAPE), 0.0)
    values[:5] = (RNG.integers(0, 5000, (5, SHAPE[1])) + 0.5) * COUNT_STEP
    values[5, :3] = 3e4, 7e5, 2.0**20
    values[TILE_ROWS : 2 * TILE_ROWS] += 20.5 * COUNT_STEP  # no zeros in a tile, and halves
    values[TILE_ROWS] = 20.5 * COUNT_STEP
    return values.astype(np.float32)


IMAGES: dict[str, NDArray[Any]] = {
    "COUNT": counts(),
    "FLAG": RNG.integers(0, 16, SHAPE).astype(np.uint8),
    "COVERAGE": np.full(SHAPE, 15, np.uint8),
    "DOSE": RNG.poisson(3.0, SHAPE).astype(np.int32),
    "EMPTY": np.zeros(SHAPE, np.float32),
    # Of these cfitsio makes what it always did.
    "UNKNOWN": np.where(counts() > 1, np.float32(np.nan), counts()),
    "NEGATIVE": -counts(),
    "BYTES": RNG.integers(0, 256, SHAPE).astype(np.uint8),
}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compressed") / "ours.fits"
    images = [
        NamedImage(name, IMAGES[name], fits.Header([("CDELT1", -1.5 / 3600)])) for name in IMAGES
    ]
    write_images(path, fits.Header([("TELESCOP", "GALEX")]), images, Compression.RICE)
    return path


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compressed") / "theirs.fits"
    rice = {"compress": "rice", "tile_dims": (TILE_ROWS, SHAPE[1])}
    with fitsio.FITS(path, "rw") as file:
        file.write(None)
        for name, pixels in IMAGES.items():
            step = {"qlevel": -COUNT_STEP, "qmethod": None} if pixels.dtype.kind == "f" else {}
            file.write(pixels, extname=name, **rice, **step)
    return path


@pytest.mark.parametrize("name", IMAGES)
def test_pixels_are_those_of_cfitsio(ours: Path, theirs: Path, name: str) -> None:
    read = [
        *(fits.getdata(path, name) for path in (ours, theirs)),
        *(fitsio.read(path, name) for path in (ours, theirs)),
    ]
    for pixels in read:
        assert pixels.dtype == IMAGES[name].dtype
        np.testing.assert_array_equal(pixels, read[0])
    assert np.nanmax(np.abs(read[0] - IMAGES[name].astype(np.float64))) <= COUNT_STEP / 2


@pytest.mark.parametrize("name", ["COUNT", "FLAG", "COVERAGE", "DOSE", "EMPTY"])
def test_compressed_bytes_are_those_of_cfitsio(ours: Path, theirs: Path, name: str) -> None:
    tiles = []
    for path in (ours, theirs):
        with fits.open(path, disable_image_compression=True) as hdus:
            tiles.append([row.tobytes() for row in hdus[name].data["COMPRESSED_DATA"]])
            assert hdus[name].header["ZTILE2"] == TILE_ROWS
    assert len(tiles[0]) == 3
    # In a tile without zeros cfitsio counts from the least pixel, and not from zero.
    same = [0, 2] if name == "COUNT" else [0, 1, 2]
    assert [tiles[0][k] for k in same] == [tiles[1][k] for k in same]


def test_checksums_and_headers_are_right(ours: Path) -> None:
    with fits.open(ours, checksum=True, disable_image_compression=True) as hdus:
        hdus.verify("exception")
        assert [hdu.name for hdu in hdus] == ["PRIMARY", *IMAGES]
        assert hdus[0].header["TELESCOP"] == "GALEX"
        # As in files without compression, which cfitsio writes.
        assert all(hdu.header["CDELT1"] == -0.000416666666666667 for hdu in hdus[1:])
        assert all("DATASUM" in hdu.header for hdu in hdus)
