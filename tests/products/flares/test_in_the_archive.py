"""Flares of an archive: found, kept, replaced, and asked for by SQL."""

import json
import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.errors import NoCoverageError, ProductError
from tests.archives import SessionArchive, Star
from tests.gphoton_db.conftest import Cli


@pytest.fixture(scope="module")
def root(two_bands: SessionArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the archive, which the tests of this file share."""
    return Path(
        shutil.copytree(two_bands.archive_path, tmp_path_factory.mktemp("flares") / "archive")
    )


def test_the_flare_star_flares_and_is_kept(root: Path, two_bands: SessionArchive) -> None:
    star = two_bands.star(Star.FLARING)
    with Archive(root) as archive:
        found = archive.flares(star.ra, star.dec, step=2, parallax=(50, 1), temperature=True)
        assert {str(band) for band in found["band"]} == {"NUV", "FUV"}
        best = found[np.argmax(found["significance"])]
        assert best["significance"] > 10
        assert best["distance"].to_value("pc") == pytest.approx(20)
        assert best["energy"].to_value("erg") > 0
        assert best["energy"] > best["energy_err"]
        rows = archive.query("FROM flares").rows()
        assert len(rows) == len(found)
        assert rows[0]["name"] is None
        assert rows[0]["template_fwhm"] is None
        # Again, with another distance: in the place of what was there.
        archive.flares(star.ra, star.dec, step=2, distance=10)
        again = archive.query("FROM flares").rows()
        assert [row["t0"] for row in again] == [row["t0"] for row in rows]
        assert {row["distance"] for row in again} == {10.0}


def test_a_light_curve_gives_the_same_and_a_constant_star_none(
    root: Path, two_bands: SessionArchive
) -> None:
    star, constant = two_bands.star(Star.FLARING), two_bands.star(Star.BRIGHT)
    with Archive(root) as archive:
        by_place = archive.flares(star.ra, star.dec, step=2, keep=False)
        curve = archive.lightcurve(star.ra, star.dec, step=2)
        by_curve = archive.flares(curve, keep=False)
        for name in by_place.colnames:
            np.testing.assert_array_equal(by_place[name], by_curve[name])
        quiet = archive.flares(constant.ra, constant.dec, step=10, sigma=4, keep=False)
        assert len(quiet) == 0
        assert quiet["fluence"].unit == "erg / cm2"


def test_a_list_with_names_and_parallaxes(
    root: Path, two_bands: SessionArchive, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    star, other = two_bands.star(Star.FLARING), two_bands.star(Star.BRIGHT)
    rows = [("flaring", star.ra, star.dec, 50.0), ("far", other.ra, other.dec, -0.1)]
    table = Table(rows=[*rows, ("off", 10.0, 10.0, 1.0)], names=["name", "ra", "dec", "parallax"])
    table.write(tmp_path / "stars.csv")
    with Archive(root) as archive, caplog.at_level(logging.WARNING):
        found = archive.flares(tmp_path / "stars.csv", step=2, keep=False)
        assert "1 of 3 rows have no parallax" in caplog.text
    of_star = found[found["name"] == "flaring"]
    assert np.isfinite(of_star["energy"].value).all()
    assert len(of_star) > 0
    assert np.isnan(found["energy"].value[found["name"] == "far"]).all()


def test_the_command_prints_and_writes(
    root: Path, two_bands: SessionArchive, tmp_path: Path, cli: Cli
) -> None:
    star = two_bands.star(Star.FLARING)
    place = ("--archive", root, "flares", star.ra, star.dec, "--step", "2", "--template")
    done = cli(*place, "--parallax", "50", "--output", tmp_path / "flares.csv", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["meta"]["N_CURVES"] == 1
    assert "of 1 light curve" in done.err
    read = Table.read(tmp_path / "flares.csv")
    assert len(read) == len(Archive(root).query("FROM flares").rows())
    assert np.isfinite(read["template_fwhm"][np.argmax(read["significance"])])


def test_what_cannot_be_looked_at_is_said(
    root: Path, two_bands: SessionArchive, caplog: pytest.LogCaptureFixture
) -> None:
    star = two_bands.star(Star.FLARING)
    with Archive(root) as archive:
        with pytest.raises(NoCoverageError):
            archive.flares(10, 10)
        for wrong in ({"parallax": -1}, {"distance": "far"}, {"parallax": (1, 2, 3)}):
            with pytest.raises(ProductError, match="give a number above 0"):
                archive.flares(star.ra, star.dec, **wrong)
        many = archive.lightcurves(Table({"ra": [star.ra], "dec": [star.dec]}), step=30)
        with pytest.raises(ProductError, match="several stars"):
            archive.flares(many)
        plain = {name: np.asarray(many[name]) for name in ("band", "t0", "t1", "cps", "cps_err")}
        plain |= {name: np.asarray(many[name]) for name in ("counts", "exposure")}
        with caplog.at_level(logging.WARNING):
            archive.flares(plain)
        assert "say no place or visit" in caplog.text


def test_a_visit_without_quiescence_says_so(
    root: Path, two_bands: SessionArchive, caplog: pytest.LogCaptureFixture
) -> None:
    # A minute has two bins of 30 s: of no flare can it be told from them that it is one.
    star = two_bands.star(Star.FLARING)
    with Archive(root) as archive:
        curve = archive.lightcurve(star.ra, star.dec, step=30)
        found = archive.flares(curve, keep=False)
        assert (len(found), found.meta["N_NO_QUIESCENCE"]) == (0, 2)
    for band in ("NUV", "FUV"):
        assert f"eclipse 23500 leg 0 {band}: no flare can be told, as" in caplog.text
    assert "--step" in caplog.text
