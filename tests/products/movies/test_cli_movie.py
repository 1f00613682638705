"""The command ``movie``."""

import json
from pathlib import Path

import pytest
from astropy.io import fits
from tests.gphoton_db.conftest import Cli
from tests.gphoton_db.test_disk import no_file_larger_than
from tests.products.conftest import ECLIPSE

FOLDER = "products/e23500"
COARSE = ("--pixel", "12")


def test_a_movie_lands_in_the_archive(copied: Path, cli: Cli) -> None:
    done = cli("--archive", copied, "movie", ECLIPSE, "nuv", "--depth", "9", "--gif", *COARSE)
    names = ("e23500-nd-f0009-b00-movie-r.fits", "e23500-nd-f0009-b00-movie.gif")
    paths = [copied / FOLDER / name for name in names]
    assert (done.code, done.out.split()) == (0, [str(path) for path in paths])
    assert fits.getheader(paths[0])["N_FRAME"] == 4


def test_all_legs_as_bursts(copied: Path, tmp_path: Path, cli: Cli) -> None:
    done = cli(
        *("--archive", copied, "movie", ECLIPSE, "FUV", "--depth", "12", "--leg", "all"),
        *("--burst", "--compression", "gzip", "--output", tmp_path / "mine", "--json", *COARSE),
    )
    names = [Path(file).name for file in json.loads(done.out)["files"]]
    assert names[0] == "e23500-fd-f0012-b00-t0000-g.fits.gz"
    assert {name.split("-")[3] for name in names} == {"b00", "b01"}
    assert {path.name for path in (tmp_path / "mine").iterdir()} == set(names)


@pytest.mark.deep
def test_frames_aligned_to_the_other_band(copied: Path, tmp_path: Path, cli: Cli) -> None:
    start = {}
    for band, options in (("FUV", ()), ("NUV", ("--align-to", "FUV"))):
        path = tmp_path / f"{band}.fits"
        cli(
            *("--archive", copied, "movie", ECLIPSE, band, "--leg", "0", "--depth", "2"),
            *("--output", path, *options, *COARSE),
        )
        start[band] = fits.getheader(path)["T0_0"]
    assert (start["NUV"] - start["FUV"]) / 2 == pytest.approx(
        round((start["NUV"] - start["FUV"]) / 2), abs=1e-6
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((ECLIPSE, "NUV", "--depth", "0"), "frames of 0 s are not valid"),
        ((ECLIPSE, "NUV", "--depth", "1000"), "longer than all there is"),
        ((ECLIPSE, "FUV", "--depth", "5"), "has 2 legs"),
        ((ECLIPSE, "NUV", "--depth", "5", "--leg", "7"), "has no leg 7"),
        ((24000, "NUV", "--depth", "5"), "run `gphoton-db ingest 24000 NUV`"),
        ((24000, "NUV", "--depth", "5", "--leg", "all"), "run `gphoton-db ingest 24000 NUV`"),
    ],
)
def test_what_cannot_be_made_is_one_line_and_leaves_nothing(
    copied: Path, cli: Cli, arguments: tuple[str, ...], message: str
) -> None:
    done = cli("--archive", copied, "movie", *map(str, arguments))
    assert (done.code, done.out) == (1, "")
    assert message in done.err.splitlines()[-1]
    assert not (copied / "products").exists()


def test_a_full_disk(copied: Path, tmp_path: Path, cli: Cli) -> None:
    folder = tmp_path / "mine"
    with no_file_larger_than(20_000):
        done = cli(
            *("--archive", copied, "movie", ECLIPSE, "NUV", "--depth", "9"),
            *("--output", folder, *COARSE),
        )
    assert done.code == 1
    assert "cannot be written (File too large)" in done.err
    assert list(folder.iterdir()) == []
