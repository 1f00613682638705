"""Images in files: what is written is read again, by others too, or nothing is left."""

import json
import shutil
from pathlib import Path

import fitsio
import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gphoton_db.test_disk import no_file_larger_than
from tests.products.conftest import ECLIPSE

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.products.file_names import Compression, depth_text
from gphoton_db.products.fits.stream import COUNT_STEP
from gphoton_db.products.images.image import Image
from gphoton_db.times import mjd, utc

STEM = "e23500-nd-ffull-b00-image"
NAMES = {"rice": f"{STEM}-r.fits", "gzip": f"{STEM}-g.fits.gz", "none": f"{STEM}-n.fits"}
PLANES = ["COUNT", "FLAG", "COVERAGE", "DOSE"]


@pytest.fixture(scope="module")
def image(products_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Image:
    # Made and written by an archive of its own: that is told of the files.
    root = shutil.copytree(products_root, tmp_path_factory.mktemp("image") / "archive")
    with Archive(root) as archive:
        return archive.image(ECLIPSE, "NUV", extended=True, pixel=6)


@pytest.fixture(scope="module")
def files(image: Image, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The image in a file of each compression, all in one folder; not to be changed."""
    folder = tmp_path_factory.mktemp("written")
    return {str(each): image.write(folder, each) for each in Compression}


@pytest.fixture(
    params=["rice", "none", pytest.param("gzip", marks=pytest.mark.deep)],
)
def written(request: pytest.FixtureRequest, files: dict[str, Path]) -> Path:
    return files[request.param]


def test_the_name_is_the_field_s(files: dict[str, Path]) -> None:
    assert {compression: path.name for compression, path in files.items()} == NAMES
    folder = files["none"].parent
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES.values())


@pytest.mark.parametrize("compression", [str(each) for each in Compression])
def test_what_was_written_is_read(image: Image, files: dict[str, Path], compression: str) -> None:
    again = Image.read(files[compression])
    step = COUNT_STEP / 2 if compression == "rice" else 0.0
    assert np.abs(again.count - image.count).max() <= step
    assert np.array_equal(again.count == 0, image.count == 0)
    for name in ("flag", "coverage", "dose"):
        assert np.array_equal(getattr(again, name), getattr(image, name))
        assert getattr(again, name).dtype == getattr(image, name).dtype
    assert again.geometry == image.geometry
    assert again.name == image.name
    assert {k: again.header[k] for k in image.header} == dict(image.header)
    assert again.extended.keys() == image.extended.keys()
    for name, plane in image.extended.items():
        np.testing.assert_allclose(again.extended[name], plane, rtol=0, atol=step)


def test_files_are_valid_with_right_checksums(written: Path) -> None:
    with fits.open(written) as hdus:
        hdus.verify("exception")
        assert [hdu.name for hdu in hdus][:5] == ["PRIMARY", *PLANES]
    # A wrong sum is a warning, which is an error here.
    with fits.open(written, checksum=True, disable_image_compression=True) as hdus:
        assert all("CHECKSUM" in hdu.header and "DATASUM" in hdu.header for hdu in hdus)


def test_fitsio_reads_them(image: Image, written: Path) -> None:
    with fitsio.FITS(str(written)) as file:
        assert [hdu.get_extname() for hdu in file][1:5] == PLANES
        assert np.abs(file["COUNT"].read() - image.count).max() <= COUNT_STEP / 2
        assert np.array_equal(file["DOSE"].read(), image.dose)
        assert file["COUNT"].read_header()["CTYPE1"] == "RA---TAN"


def test_writing_takes_the_place_of_an_older_file(image: Image, tmp_path: Path) -> None:
    path = tmp_path / "mine.fits"
    path.write_text("old")
    assert image.write(path) == path
    assert Image.read(path).count.shape == image.count.shape


def test_a_full_disk_leaves_nothing(image: Image, tmp_path: Path) -> None:
    with no_file_larger_than(100_000), pytest.raises(ProductError, match="File too large"):
        image.write(tmp_path, "none")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_older_file(image: Image, tmp_path: Path) -> None:
    path = image.write(tmp_path)
    before = path.read_bytes()
    with no_file_larger_than(20_000), pytest.raises(ProductError, match="File too large"):
        image.write(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "compression", "words"),
    [
        ("a.fits", "zip", "unknown compression 'zip': it is none, gzip or rice"),
        ("a.fits", "gzip", "the name of a gzipped file ends in .gz"),
        ("a.fits.gz", "rice", "is for compression 'gzip'"),
        ("file/a.fits", "rice", "cannot be written"),
    ],
)
def test_bad_names_are_errors(
    image: Image, tmp_path: Path, name: str, compression: str, words: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ProductError) as raised:
        image.write(tmp_path / name, compression)
    assert words in str(raised.value)


def test_what_is_no_image_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "text.fits").write_text("no FITS file")
    fits.PrimaryHDU().writeto(tmp_path / "empty.fits")
    for name, words in (("text", "cannot be read"), ("empty", "lacks"), ("none", "No such file")):
        with pytest.raises(ProductError, match=words):
            Image.read(tmp_path / f"{name}.fits")


def test_files_are_entered_into_the_archive(copied: Path, tmp_path: Path) -> None:
    with Archive(copied) as archive:
        image = archive.image(ECLIPSE, "NUV", pixel=6)
        inside = copied / "products" / "e23500"
        inside.mkdir(parents=True)
        paths = [image.write(inside), image.write(inside), image.write(tmp_path)]
        rows = archive.query("SELECT * FROM products ORDER BY made_at").rows()
    assert [row["path"] for row in rows] == [
        f"products/e23500/{paths[0].name}",
        paths[2].as_posix(),
    ]
    assert {(row["kind"], row["eclipse"], row["band"], row["leg"]) for row in rows} == {
        ("image", ECLIPSE, "NUV", 0)
    }
    assert rows[0]["size_bytes"] == paths[0].stat().st_size
    assert json.loads(rows[0]["parameters"])["pixel"] == 6


def test_legs_may_be_written_as_they_come(copied: Path, tmp_path: Path) -> None:
    with Archive(copied) as archive:
        for image in archive.image(ECLIPSE, "FUV", "all", pixel=6):
            image.write(tmp_path)
            assert archive.legs()  # which opens the catalogue anew, for it has changed
        assert len(archive.query("SELECT * FROM products").rows()) == 2


def test_an_archive_that_cannot_be_changed_does_not_stop_writing(
    copied: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Archive(copied) as archive:
        image = archive.image(ECLIPSE, "NUV", pixel=6)
        with (copied / "gphoton.duckdb.wal").open("w"):
            path = image.write(tmp_path)
    assert path.exists()
    assert "not entered into the archive's products" in caplog.text


def test_galex_time_is_utc() -> None:
    # docs/specification.md, 'Times' (spec-time).
    assert (
        utc(758_738_047_995).isoformat(timespec="milliseconds") == "2004-01-21T16:34:07.995+00:00"
    )


@settings(deadline=None)  # astropy is imported
@given(st.integers(0, 1_400_000_000_000))
def test_mjd_agrees_with_astropy(t_ms: int) -> None:
    from astropy.time import Time

    expected = Time(utc(t_ms).replace(tzinfo=None), scale="utc").mjd
    assert mjd(t_ms) == pytest.approx(expected, abs=1e-9)


@given(st.integers(5, 9_999_000))
def test_lengths_in_names_are_told_apart(depth_ms: int) -> None:
    text = depth_text(depth_ms / 1000)
    assert round(float(text) * 1000) == depth_ms
    assert len(text.split(".")[0]) == 4
