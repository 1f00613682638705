"""The commands ``image`` and ``exposure``."""

import json
from pathlib import Path

import pytest
from astropy.io import fits
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.test_disk import no_file_larger_than
from tests.products.conftest import ECLIPSE

from gphoton_db.products.images.image import Image

FOLDER = "products/e23500"


def test_an_image_lands_in_the_archive(copied: Path, cli: Cli) -> None:
    done = cli("--archive", copied, "image", ECLIPSE, "nuv", "--pixel", "6")
    path = copied / FOLDER / "e23500-nd-ffull-b00-image-r.fits"
    assert (done.code, done.out) == (0, f"{path}\n")
    assert Image.read(path).header["BANDNAME"] == "NUV"


def test_all_legs_with_options(copied: Path, tmp_path: Path, cli: Cli) -> None:
    done = cli(
        *("--archive", copied, "image", ECLIPSE, "FUV", "--leg", "all", "--pixel", "6"),
        *("--compression", "none", "--extended", "--edges", "300", "320"),
        *("--output", tmp_path / "mine", "--json"),
    )
    files = [Path(file) for file in json.loads(done.out)["files"]]
    assert [file.name for file in files] == [
        "e23500-fd-ffull-b00-image-n.fits",
        "e23500-fd-ffull-b01-image-n.fits",
    ]
    with fits.open(files[1]) as hdus:
        header = hdus["COUNT"].header
        assert (header["LEG"], header["HARDEDGE"]) == (1, 320)
        assert "COL_STD" in hdus


def test_a_picture_beside_it(copied: Path, tmp_path: Path, cli: Cli) -> None:
    output = tmp_path / "image.fits"
    done = cli(
        *("--archive", copied, "image", ECLIPSE, "NUV", "--png", "--pixel", "6"),
        *("--output", output),
    )
    assert done.out.split() == [str(output), str(tmp_path / "image.png")]
    assert (tmp_path / "image.png").read_bytes().startswith(b"\x89PNG")


def test_short_legs_are_skipped_and_named(copied: Path, cli: Cli) -> None:
    done = cli("--archive", copied, "image", ECLIPSE, "NUV", "--min-exposure", "1000")
    assert (done.code, done.out) == (0, "")
    assert "leg 0: skipped" in done.err
    assert not (copied / FOLDER).exists()


def test_exposure_lands_in_the_archive(copied: Path, cli: Cli) -> None:
    done = cli("--archive", copied, "exposure", ECLIPSE, "FUV", "--leg", "0,1", "--depth", "7")
    names = [f"e23500-fd-f0007-b0{leg}-movie-exptime.csv" for leg in (0, 1)]
    assert done.out.split() == [str(copied / FOLDER / name) for name in names]
    assert (copied / FOLDER / names[0]).read_text().startswith("frame,t0,t1,raw_exposure,exposure")


@pytest.mark.parametrize("command", ["image", pytest.param("exposure", marks=pytest.mark.deep)])
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("1", "NUV"), 1, "run `gphoton-db ingest 1 NUV`"),
        ((ECLIPSE, "FUV"), 1, "--leg all"),
        ((ECLIPSE, "FUV", "--leg", "5"), 1, "has no leg 5"),
        ((ECLIPSE, "FUV", "--leg", "1,5"), 1, "has no leg 5"),
        ((ECLIPSE, "FUV", "--leg", "x"), 2, "neither the number of a leg, nor several"),
        ((ECLIPSE, "green"), 2, "unknown band"),
        ((ECLIPSE, "FUV", "--leg", "all", "--output", "a.fits"), 2, "give a folder"),
    ],
)
def test_mistakes_are_said_and_leave_nothing(
    command: str, arguments: tuple[object, ...], code: int, words: str, copied: Path, cli: Cli
) -> None:
    done = cli("--archive", copied, command, *map(str, arguments))
    assert (done.code, done.out) == (code, "")
    assert words in " ".join(done.err.split())
    assert not (copied / "products").exists()


def test_a_full_disk_leaves_no_file(copied: Path, tmp_path: Path, cli: Cli) -> None:
    with no_file_larger_than(1_000_000):
        done = cli("--archive", copied, "image", ECLIPSE, "NUV", "--compression", "none")
    assert (done.code, done.out) == (1, "")
    assert "File too large" in done.err.splitlines()[-1]
    assert list((copied / FOLDER).iterdir()) == []
