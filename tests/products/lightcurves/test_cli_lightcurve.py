"""The commands lightcurve, events and find."""

import json
from pathlib import Path

import pytest
from astropy.table import Table
from tests.archives import SessionArchive, Star
from tests.gphoton_db.conftest import Cli


@pytest.fixture
def root(two_bands: SessionArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The archive; commands run in another folder."""
    monkeypatch.chdir(tmp_path)
    return two_bands.archive_path


def test_a_light_curve_with_file_picture_and_report(
    root: Path, two_bands: SessionArchive, tmp_path: Path, cli: Cli
) -> None:
    star = two_bands.star(Star.BRIGHT)
    arguments = ["--step", "10", "--annulus", "30,60", "--band", "NUV", "--json"]
    files = ["--output", "curve.csv", "--plot", "curve.png"]
    done = cli("--archive", root, "lightcurve", star.ra, star.dec, *arguments, *files)
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert report["files"] == ["curve.csv", "curve.png"]
    assert report["meta"]["ANNULUS"] == [30.0, 60.0]
    assert "cps_bgsub" in Table.read(tmp_path / "curve.csv").colnames
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_light_curves_of_a_catalogue(
    root: Path, two_bands: SessionArchive, tmp_path: Path, cli: Cli
) -> None:
    star = two_bands.star(Star.BRIGHT)
    (tmp_path / "list.csv").write_text(f"ra,dec\n{star.ra},{star.dec}\n,1\n10,10\n")
    done = cli(
        *("--archive", root, "lightcurve", "--catalog", "list.csv", "--step", "visit", "--json")
    )
    assert done.code == 0, done.err
    rows = json.loads(done.out)["rows"]
    assert [row["position_flags"] for row in rows] == [0, 0, 1, 4]
    assert "1 no position" in done.err


def test_events_and_find_print_tables(root: Path, two_bands: SessionArchive, cli: Cli) -> None:
    star = two_bands.star(Star.BRIGHT)
    for command, words in (("events", "weight"), ("find", "NUV: ")):
        done = cli("--archive", root, command, star.ra, star.dec)
        assert done.code == 0, done.err
        assert words in done.out + done.err


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
    root: Path, arguments: list[str], message: str, cli: Cli
) -> None:
    done = cli("--archive", root, *arguments)
    assert done.code != 0
    assert message in " ".join(done.err.split())
