"""Files that commands write: their kinds follow their names, and none takes another's place."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.products.images.image import Image
from tests.examples import deep
from tests.gphoton_db.archives import in_mount_namespace, run_program
from tests.gphoton_db.conftest import Cli
from tests.products.conftest import ECLIPSE, FIELDS

RA, DEC = FIELDS["ordinary"][0] + 0.1, FIELDS["ordinary"][1] - 0.1
DOCS = Path(__file__).resolve().parents[2] / "docs" / "products.md"
LEG = ("23500", "NUV")


@pytest.mark.parametrize(("ending", "begin"), [("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_pictures_are_of_the_kind_that_their_name_says(
    archive: Archive, cli: Cli, tmp_path: Path, ending: str, begin: bytes
) -> None:
    place = (str(RA), "--plot", str(tmp_path / f"curve.{ending}"), "--", str(DEC))
    done = cli("--archive", archive.paths.root, "lightcurve", *place)
    assert done.code == 0, done.err
    assert (tmp_path / f"curve.{ending}").read_bytes().startswith(begin)


def test_pictures_of_an_unknown_kind_are_refused(archive: Archive, tmp_path: Path) -> None:
    curve = archive.lightcurve(RA, DEC, step=None)
    image = archive.image(ECLIPSE, "NUV", pixel=6)
    for made in (curve, image):
        with pytest.raises(ProductError, match=r"\.png, \.pdf or \.svg"):
            made.write_png(tmp_path / "picture.fits")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("image", *LEG, "--pixel", "6"), "x.png"),
        (("image", *LEG, "--pixel", "6"), "x.csv"),
        (("movie", *LEG, "--pixel", "6", "--depth", "20"), "x.gif"),
        (("exposure", *LEG), "x.fits"),
        (("photometry", *LEG), "x.parquet"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    archive: Archive, cli: Cli, tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    done = cli("--archive", archive.paths.root, *command, "--output", tmp_path / name)
    assert done.code == 2
    assert "--output" in done.err
    assert list(tmp_path.iterdir()) == []


def test_detect_takes_a_folder(copied: Path, cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    done = cli(
        "--archive", copied, "detect", str(ECLIPSE), "FUV", "--leg", "all", "--output", folder
    )
    assert done.code == 0, done.err
    names = [f"e23500-fd-ffull-b0{leg}-sources.csv" for leg in (0, 1)]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert done.out.split() == [str(folder / name) for name in names]


@pytest.mark.parametrize("command", [pytest.param("detect", marks=pytest.mark.deep), "photometry"])
def test_sources_of_an_archive_that_cannot_be_written(
    copied: Path, tmp_path: Path, command: str
) -> None:
    bind = 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"'
    prefix = in_mount_namespace(copied, bind)
    output = tmp_path / "mine"
    words = ["--archive", str(copied), command, *LEG, "--output", str(output)]
    if command == "detect":
        words[-1] += ".csv"
    done = run_program(words, folder=tmp_path, prefix=prefix)
    assert done.returncode == 0, done.stderr
    assert "not kept in the archive" in done.stderr
    written = list(output.iterdir()) if output.is_dir() else [output.with_suffix(".csv")]
    assert all(path.stat().st_size > 0 for path in written)


def test_photometry_of_lists_and_methods_has_names_of_its_own_and_no_list_is_called_detected(
    copied: Path, tmp_path: Path
) -> None:
    stars, mine = tmp_path / "stars.csv", tmp_path / "detected.csv"
    for path in (stars, mine):
        path.write_text(f"ra,dec\n{RA},{DEC}\n", encoding="utf-8")
    choices: dict[str, dict[str, Any]] = {
        "": {},
        "-stars": {"catalog": stars},
        "-stars-photon": {"catalog": stars, "method": "photon"},
    }
    if deep():
        choices["-photon"] = {"method": "photon"}
    with Archive(copied) as archive:
        made = [
            archive.photometry(ECLIPSE, "NUV", radii=9, **choice) for choice in choices.values()
        ]
        names = [each.write(tmp_path / "out")[0].name for each in made]
        before = archive.query("SELECT count(*) AS n FROM sources").rows()
        with pytest.raises(ProductError, match="rename"):
            archive.photometry(ECLIPSE, "NUV", radii=9, catalog=mine)
        assert archive.query("SELECT count(*) AS n FROM sources").rows() == before
        assert len(archive.photometry(ECLIPSE, "NUV", radii=9, catalog=Table.read(mine)).sources)
    stem = "e23500-nd-ffull-b00-image-photom-9_0"
    assert names == [f"{stem}{end}.csv" for end in choices]


def test_rice_keeps_pixels_and_totals_as_the_docs_say(archive: Archive, tmp_path: Path) -> None:
    image = archive.image(ECLIPSE, "NUV", pixel=3)
    rice, exact = (
        Image.read(image.write(tmp_path / f"{name}.fits", name)).count.astype(float)
        for name in ("rice", "none")
    )
    assert np.abs(rice - exact).max() <= 0.0005
    (said,) = re.findall(r"totals within (\S+)", DOCS.read_text("utf-8"))
    assert said == "2e-5"
    assert rice.sum() == pytest.approx(exact.sum(), rel=float(said))
