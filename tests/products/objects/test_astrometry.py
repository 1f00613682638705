"""Shift, rotation and scatter of positions are found, whatever matches by chance there are."""

from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from gphoton_db.products.objects.astrometry import AstrometryFit, fit_astrometry
from gphoton_db.products.objects.matching import match_positions
from gphoton_db.products.objects.reference_table import read_reference
from tests.products.objects.test_linking import PLACES, about


def observed(
    place: str, n: int, chance: float = 0.0, scatter: float = 0.3, seed: int = 1
) -> AstrometryFit:
    """Fit positions that are 1.5 east, 1.25 south and turned by 60 arcsec, with chance matches."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-2000, 2000, (2, n))
    turn = np.radians(60 / 3600)
    east = x + turn * y + 1.5 + rng.normal(0, scatter, n)
    north = y - turn * x - 1.25 + rng.normal(0, scatter, n)
    wrong = rng.random(n) < chance
    east[wrong] = (x + rng.uniform(-5, 5, n))[wrong]
    north[wrong] = (y + rng.uniform(-5, 5, n))[wrong]
    return fit_astrometry(*about(place, east, north), *about(place, x, y))


@pytest.mark.parametrize("place", PLACES)
def test_shift_rotation_and_scatter_are_found_anywhere(place: str) -> None:
    fit = observed(place, 800)
    # At a pole the axes turn with the right ascension of the middle, but not the length.
    if place in ("ordinary", "RA 0"):
        assert fit.shift_ra == pytest.approx(1.5, abs=5 * fit.shift_err)
        assert fit.shift_dec == pytest.approx(-1.25, abs=5 * fit.shift_err)
    assert fit.shift == pytest.approx(np.hypot(1.5, 1.25), abs=5 * fit.shift_err)
    assert fit.rotation == pytest.approx(60, abs=4 * fit.rotation_err)
    assert fit.rotation_err == pytest.approx(1.34, rel=0.1)  # 0.3 / (2000 sqrt(2 n / 3))
    assert fit.scatter_ra == pytest.approx(0.3, rel=0.1)
    assert fit.scatter_dec == pytest.approx(0.3, rel=0.1)
    assert fit.is_off


@pytest.mark.parametrize("chance", [0.2, 0.5])
def test_chance_matches_do_not_count(chance: float) -> None:
    fit = observed("ordinary", 1500, chance)
    assert fit.n_used < fit.n_matched * (1.1 - chance * 0.9)
    assert fit.shift_ra == pytest.approx(1.5, abs=0.06)
    assert fit.shift_dec == pytest.approx(-1.25, abs=0.06)
    assert fit.rotation == pytest.approx(60, abs=10)
    assert fit.scatter_ra == pytest.approx(0.33, abs=0.06)


def test_few_matches_give_a_shift_only_and_fewer_nothing() -> None:
    few = observed("ordinary", 5, scatter=0.01)
    assert few.shift_ra == pytest.approx(1.5, abs=0.5)  # the rotation is in it
    assert np.isnan(few.rotation)
    none = observed("ordinary", 2)
    assert none.n_matched == 2
    assert np.isnan([none.shift_ra, none.scatter_dec, none.rotation]).all()
    assert not none.is_off


def test_the_published_catalogue_is_a_pixel_off_as_its_readme_says() -> None:
    path = Path(__file__).resolve().parents[4] / "shared" / "real" / "gfcat-visits-ra-below-180.csv"
    if not path.is_file():
        pytest.skip("needs ../shared/real")
    visits = np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8")
    names = {"gaia_ra": "ra", "gaia_dec": "dec", "pmra": "pmra", "pmdec": "pmdec"}
    table = Table({new: visits[old] for old, new in names.items()})
    reference = read_reference(table, epoch=2016.0)
    year = 1980 + (visits["tstart_NUV"] / 86400 + 5) / 365.25
    ra, dec = visits["ra"], visits["dec"]
    found = match_positions(ra, dec, np.arange(len(visits)), year, reference, 6.0)
    assert found.n_matched > 900
    east = (ra - found.ra) * np.cos(np.radians(dec)) * 3600
    north = (dec - found.dec) * 3600
    assert np.nanmedian(east) == pytest.approx(1.50, abs=0.02)
    assert np.nanmedian(north) == pytest.approx(-1.25, abs=0.02)
