import json
from pathlib import Path

import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from tests.gphoton_db.archives import run_program
from tests.products.conftest import FIELDS

RA0, DEC0 = FIELDS["ordinary"]


def test_map_and_coadd_write_what_they_say(copied: Path, tmp_path: Path) -> None:
    place = ["--", str(RA0), str(DEC0)]
    mapped = run_program(
        [
            "--archive",
            str(copied),
            "map",
            "--size",
            "6,3",
            "--pixel",
            "3",
            "--png",
            "--json",
            *place,
        ],
        folder=tmp_path,
    )
    assert mapped.returncode == 0, mapped.stderr
    files = [Path(file) for file in json.loads(mapped.stdout)["files"]]
    assert [file.suffix for file in files] == [".fits", ".png", ".fits", ".png"]
    assert all(file.parent == copied / "products" / "maps" for file in files)
    assert fits.getdata(files[0], "COUNT").shape == (60, 120)
    added = run_program(
        ["coadd", str(files[0]), str(files[0]), "--how", "sum", "--output", "two.fits"],
        folder=tmp_path,
    )
    assert added.returncode == 0, added.stderr
    assert fits.getheader(tmp_path / "two.fits")["NFILE"] == 2


def test_a_map_without_coverage_is_one_line_and_no_file(copied: Path, tmp_path: Path) -> None:
    done = run_program(["--archive", str(copied), "map", "10", "10"], folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("error: no coverage of ra 10.0000")
    assert not (copied / "products" / "maps").exists()


def test_map_takes_sexagesimal_positions_as_other_commands_do(copied: Path, tmp_path: Path) -> None:
    ra, dec = SkyCoord(RA0, DEC0, unit="deg").to_string("hmsdms", sep=":", precision=6).split()
    options = ["map", "--size", "3", "--pixel", "30", "--band", "NUV", "--json", "--", ra, dec]
    mapped = run_program(["--archive", str(copied), *options], folder=tmp_path)
    assert mapped.returncode == 0, mapped.stderr
    header = fits.getheader(json.loads(mapped.stdout)["files"][0], "COUNT")
    assert header["CRVAL1"] == pytest.approx(RA0, abs=1e-8)
    assert header["CRVAL2"] == pytest.approx(DEC0, abs=1e-8)
