"""The commands lightcurve, events and find."""

import json
import shutil
from pathlib import Path

import pytest
from astropy.table import Table
from tests.archives import SessionArchive, Star
from tests.gphoton_db.archives import run_program


@pytest.fixture
def root(two_bands: SessionArchive, tmp_path: Path) -> Path:
    return Path(shutil.copytree(two_bands.archive_path, tmp_path / "archive"))


def test_a_light_curve_with_file_picture_and_report(
    root: Path, two_bands: SessionArchive, tmp_path: Path
) -> None:
    star = two_bands.star(Star.BRIGHT)
    arguments = ["--step", "10", "--annulus", "30,60", "--band", "NUV", "--json"]
    files = ["--output", "curve.csv", "--plot", "curve.png"]
    done = run_program(
        ["--archive", str(root), "lightcurve", str(star.ra), str(star.dec), *arguments, *files],
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["files"] == ["curve.csv", "curve.png"]
    assert report["meta"]["ANNULUS"] == [30.0, 60.0]
    assert "cps_bgsub" in Table.read(tmp_path / "curve.csv").colnames
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_light_curves_of_a_catalogue(root: Path, two_bands: SessionArchive, tmp_path: Path) -> None:
    star = two_bands.star(Star.BRIGHT)
    (tmp_path / "list.csv").write_text(f"ra,dec\n{star.ra},{star.dec}\n,1\n10,10\n")
    done = run_program(
        [
            "--archive",
            str(root),
            "lightcurve",
            "--catalog",
            "list.csv",
            "--step",
            "visit",
            "--json",
        ],
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert [row["position_flags"] for row in rows] == [0, 0, 1, 4]
    assert "1 no position" in done.stderr


def test_events_and_find_print_tables(
    root: Path, two_bands: SessionArchive, tmp_path: Path
) -> None:
    star = two_bands.star(Star.BRIGHT)
    place = [str(star.ra), str(star.dec)]
    for command, words in (("events", "weight"), ("find", "NUV: ")):
        done = run_program(["--archive", str(root), command, *place], folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert words in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lightcurve", "10", "10"], "error: no coverage of ra 10.00000"),
        (["lightcurve"], "give a position, RA DEC, or a --catalog"),
        (["lightcurve", "--catalog", "none.csv"], "error: none.csv: there is no such file"),
        (["lightcurve", "150.1", "2.2", "--annulus", "5,9"], "begins inside of the aperture"),
        (["events", "150.1", "2.2", "--radius", "0"], "holds nothing"),
    ],
)
def test_mistakes_are_said_plainly(
    root: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    done = run_program(["--archive", str(root), *arguments], folder=tmp_path)
    assert done.returncode != 0
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
