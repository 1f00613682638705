"""Files that are written plane by plane are read by astropy and cfitsio, and are whole."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.products.fits.checksum import encoded
from gphoton_db.products.fits.stream import (
    COUNT_STEP,
    ImageExtension,
    SparsePlane,
    write_plain,
    write_primary,
    write_rice,
)

WRITERS = {"rice": write_rice, "plain": write_plain}


def count_cube(shape: tuple[int, ...], seed: int = 1) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    filled = rng.random(shape) < 0.15
    return np.where(filled, rng.exponential(3.0, shape), 0.0).astype(np.float32)


def extension(cube: NDArray[Any], name: str, *, n_planes: int | None) -> ImageExtension:
    def plane(number: int) -> SparsePlane:
        flat = cube[number].reshape(-1)
        pixel = np.flatnonzero(flat).astype(np.int32)
        return SparsePlane(pixel, flat[pixel])

    header = fits.Header([("EXTNAME", name), ("CRVAL1", 1.5)])
    return ImageExtension(header, cube.dtype.type, cube.shape[1:], plane, n_planes)


def write(path: Path, how: str, *images: ImageExtension) -> None:
    with path.open("wb") as file:
        write_primary(file, fits.Header([("TELESCOP", "GALEX")]))
        for image in images:
            WRITERS[how](file, image, threads=2)


@pytest.fixture(params=WRITERS)
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("shape", [(3, 31, 33), (1, 8, 8), (5, 1, 1), (2, 200, 301)])
def test_cubes_come_back(tmp_path: Path, how: str, shape: tuple[int, int, int]) -> None:
    count = count_cube(shape)
    count[-1] = 0.0
    flag = (count > 0).astype(np.uint8) * np.arange(count.size, dtype=np.uint8).reshape(shape) % 16
    path = tmp_path / "cube.fits"
    images = (("COUNT", count), ("FLAG", flag))
    write(path, how, *(extension(cube, name, n_planes=shape[0]) for name, cube in images))
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
        assert hdus["COUNT"].data.shape == shape
        assert (hdus["FLAG"].data == flag).all()
        assert hdus["COUNT"].header["CRVAL1"] == 1.5
        read = hdus["COUNT"].data
    assert (read[count == 0] == 0).all()
    assert np.abs(read - count).max() <= (COUNT_STEP / 2 if how == "rice" else 0)
    with fitsio.FITS(path) as file:
        assert (file["COUNT"].read() == read).all()
        assert (file["FLAG"].read() == flag).all()


def test_a_plane_of_a_cube_is_a_tile(tmp_path: Path) -> None:
    cube = count_cube((4, 40, 50))
    write(tmp_path / "cube.fits", "rice", extension(cube, "COUNT", n_planes=4))
    with fits.open(tmp_path / "cube.fits", disable_image_compression=True) as hdus:
        header = hdus[1].header
        assert [header[f"ZTILE{i}"] for i in (1, 2, 3)] == [50, 40, 1]
        assert len(hdus[1].data) == 4
    with fitsio.FITS(tmp_path / "cube.fits") as file:
        assert np.abs(file["COUNT"][2:3, :, :][0] - cube[2]).max() <= COUNT_STEP / 2


def test_an_image_has_two_axes(tmp_path: Path, how: str) -> None:
    image = count_cube((20, 30))
    write(
        tmp_path / "image.fits",
        how,
        ImageExtension.of_array(image, fits.Header([("EXTNAME", "COUNT")])),
    )
    assert fits.getdata(tmp_path / "image.fits", "COUNT").shape == (20, 30)


def test_very_large_counts_are_stored_with_a_larger_step(tmp_path: Path) -> None:
    cube = np.full((1, 10, 10), 5e6, np.float32)
    cube[0, 0, 0] = 1e9
    write(tmp_path / "cube.fits", "rice", extension(cube, "COUNT", n_planes=1))
    np.testing.assert_allclose(fits.getdata(tmp_path / "cube.fits", "COUNT"), cube, rtol=1e-6)


@pytest.mark.parametrize("value", [0, 1, 868229149, 2**31, 2**32 - 1])
def test_checksums_are_encoded_as_astropy_does(value: int) -> None:
    encode: Callable[[Any], str] = fits.PrimaryHDU()._char_encode
    assert encoded(value) == encode(np.uint32(value))
    assert encoded(value).isalnum()
