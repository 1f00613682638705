import json
from pathlib import Path

import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from tests.gphoton_db.conftest import Cli
from tests.products.conftest import FIELDS

RA0, DEC0 = FIELDS["ordinary"]


def test_map_and_coadd_write_what_they_say(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ["--size", "6,3", "--pixel", "3", "--png", "--json"]
    mapped = cli("--archive", copied, "map", *options, "--", RA0, DEC0)
    assert mapped.code == 0, mapped.err
    files = [Path(file) for file in json.loads(mapped.out)["files"]]
    assert [file.suffix for file in files] == [".fits", ".png", ".fits", ".png"]
    assert all(file.parent == copied / "products" / "maps" for file in files)
    assert fits.getdata(files[0], "COUNT").shape == (60, 120)
    added = cli("coadd", files[0], files[0], "--how", "sum", "--output", "two.fits")
    assert added.code == 0, added.err
    assert fits.getheader(tmp_path / "two.fits")["NFILE"] == 2


def test_a_map_without_coverage_is_one_line_and_no_file(copied: Path, cli: Cli) -> None:
    done = cli("--archive", copied, "map", "10", "10")
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith("error: no coverage of ra 10.0000")
    assert not (copied / "products" / "maps").exists()


def test_map_takes_sexagesimal_positions_as_other_commands_do(copied: Path, cli: Cli) -> None:
    ra, dec = SkyCoord(RA0, DEC0, unit="deg").to_string("hmsdms", sep=":", precision=6).split()
    options = ["map", "--size", "3", "--pixel", "30", "--band", "NUV", "--json", "--", ra, dec]
    mapped = cli("--archive", copied, *options)
    assert mapped.code == 0, mapped.err
    header = fits.getheader(json.loads(mapped.out)["files"][0], "COUNT")
    assert header["CRVAL1"] == pytest.approx(RA0, abs=1e-8)
    assert header["CRVAL2"] == pytest.approx(DEC0, abs=1e-8)
