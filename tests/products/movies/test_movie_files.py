"""Movie files: what is in them, under which names, and what is left when a disk is full."""

import gzip
from pathlib import Path

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from tests.gphoton_db.test_disk import no_file_larger_than

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.products.fits.files import not_entered
from gphoton_db.products.fits.stream import COUNT_STEP
from gphoton_db.products.movies.movie import Movie

NAMES = {
    "rice": "e23500-nd-f0009-b00-movie-r.fits",
    "gzip": "e23500-nd-f0009-b00-movie-g.fits.gz",
    "none": "e23500-nd-f0009-b00-movie-n.fits",
}
STEPS = {"rice": COUNT_STEP / 2, "gzip": 0.0, "none": 0.0}


@pytest.fixture(scope="module")
def movie(products_root: Path) -> Movie:
    """Coarse, so that files are small."""
    with Archive(products_root) as archive:
        made = archive.movie(23500, "NUV", depth=9.0, pixel=12.0)
    return Movie(**{**vars(made), "entering": not_entered})


@pytest.mark.parametrize("compression", NAMES)
def test_a_movie_comes_back(movie: Movie, tmp_path: Path, compression: str) -> None:
    (path,) = movie.write(tmp_path, compression)
    assert path.name == NAMES[compression]
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "COUNT", "FLAG", "COVERAGE", "FRAMES"]
        for frame in movie:
            read = hdus["COUNT"].data[frame.number]
            assert np.abs(read - frame.count).max() <= STEPS[compression]
            assert (hdus["FLAG"].data[frame.number] == frame.flag).all()
        assert (hdus["COVERAGE"].data == movie.coverage).all()
        assert hdus["FRAMES"].data["exposure"].tolist() == movie.exposures["exposure"].tolist()


@pytest.mark.parametrize("compression", ["rice", pytest.param("gzip", marks=pytest.mark.deep)])
def test_cfitsio_reads_what_astropy_reads(movie: Movie, tmp_path: Path, compression: str) -> None:
    (path,) = movie.write(tmp_path, compression)
    with fits.open(path) as hdus, fitsio.FITS(path) as file:
        for name in ("COUNT", "FLAG", "COVERAGE"):
            assert (file[name].read() == hdus[name].data).all()
        assert file["FRAMES"]["t0"].read().tolist() == hdus["FRAMES"].data["t0"].tolist()


def test_headers_say_what_it_is(movie: Movie, tmp_path: Path) -> None:
    (path,) = movie.write(tmp_path)
    with fits.open(path) as hdus:
        for hdu in hdus[:4]:
            assert (hdu.header["ECLIPSE"], hdu.header["BANDNAME"]) == (23500, "NUV")
            assert hdu.header["N_FRAME"] == len(movie)
        header = hdus["COUNT"].header
    for frame in movie:
        k = frame.number
        said = [header[f"{name}_{k}"] for name in ("T0", "T1", "EXPT")]
        assert said == pytest.approx([frame.t0, frame.t1, frame.exposure], abs=1e-6)
    assert header["XPOSURE"] == pytest.approx(sum(frame.exposure for frame in movie))
    assert header["PHOTCNT"] == sum(map(len, movie.photons.within(0, len(movie))))
    assert header["BUNIT"] == "count"
    sky = WCS(header).celestial
    assert sky.wcs_pix2world([[10.0, 20.0]], 1) == pytest.approx(
        movie.wcs.wcs_pix2world([[10.0, 20.0]], 1)
    )


def test_a_burst_is_a_file_for_each_frame(movie: Movie, tmp_path: Path) -> None:
    paths = movie.write(tmp_path / "burst", burst=True)
    assert [path.name for path in paths] == [
        f"e23500-nd-f0009-b00-t{9 * k:04d}-r.fits" for k in range(len(movie))
    ]
    for frame, path in zip(movie, paths, strict=True):
        with fits.open(path, checksum=True) as hdus:
            assert hdus["COUNT"].data.shape == movie.geometry.shape
            assert np.abs(hdus["COUNT"].data - frame.count).max() <= STEPS["rice"]
            assert (hdus["FLAG"].data == frame.flag).all()
            assert hdus["COUNT"].header["XPOSURE"] == pytest.approx(frame.exposure)


def test_more_frames_than_keywords_have_room_for(copied: Path, tmp_path: Path) -> None:
    with Archive(copied) as archive:
        movie = archive.movie(23500, "NUV", depth=0.025, pixel=60.0)
    assert len(movie) > 1000
    (path,) = movie.write(tmp_path / "short.fits")
    with fits.open(path, checksum=True) as hdus:
        assert "T0_0" not in hdus["COUNT"].header
        assert len(hdus["FRAMES"].data) == len(movie) == hdus["COUNT"].shape[0]
        total = float(hdus["COUNT"].data.sum(dtype=np.float64))
    counts = sum(float(frame.sparse.count.sum(dtype=np.float64)) for frame in movie)
    assert total == pytest.approx(counts, rel=1e-4)


def test_the_archive_knows_its_movies(copied: Path) -> None:
    with Archive(copied) as archive:
        movie = archive.movie(23500, "NUV", depth=9.0, pixel=12.0)
        movie.write(copied / "products")
        (row,) = archive.query(
            "SELECT kind, eclipse, band, leg FROM products WHERE kind = 'movie'"
        ).rows()
    assert (row["kind"], row["eclipse"], row["band"], row["leg"]) == ("movie", 23500, "NUV", 0)


@pytest.mark.parametrize("compression", NAMES)
@pytest.mark.parametrize("burst", [False, True], ids=["cube", "burst"])
def test_a_full_disk_leaves_no_partial_file(
    movie: Movie, tmp_path: Path, compression: str, burst: bool
) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    with (
        no_file_larger_than(20_000),
        pytest.raises(ProductError, match=r"cannot be written \(File too large\)"),
    ):
        movie.write(folder, compression, burst=burst)
    assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_an_older_file_as_it_was(movie: Movie, tmp_path: Path) -> None:
    (path,) = movie.write(tmp_path)
    before = path.read_bytes()
    with no_file_larger_than(20_000), pytest.raises(ProductError):
        movie.write(tmp_path)
    assert path.read_bytes() == before


def test_endings_and_compressions_agree(movie: Movie, tmp_path: Path) -> None:
    with pytest.raises(ProductError, match=r"ends in \.gz"):
        movie.write(tmp_path / "movie.fits", "gzip")
    with pytest.raises(ProductError, match="unknown compression 'zip'"):
        movie.write(tmp_path, "zip")
    (path,) = movie.write(tmp_path / "movie.fits.gz", "gzip")
    with gzip.open(path) as file:
        assert file.read(9) == b"SIMPLE  ="
