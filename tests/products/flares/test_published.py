"""The flares of GJ 65 that were published, from their light curves."""

import numpy as np
import pytest

from gphoton_db.mission import Band
from gphoton_db.products.flares.distances import distance_given
from gphoton_db.products.flares.find import flares_of_curve
from gphoton_db.products.flares.measure import FlareRow
from gphoton_db.products.flares.options import FlareOptions
from gphoton_db.products.flares.series import series_of
from tests.products.flares.curves import gj65, read_curve, rows_in

RADIUS, PARALLAX = 17.3, 372.1631
VISITS = ("e13648", "e13649", "e13651", "e13656")
NOWHERE = (float("nan"), float("nan"))


def flares_of(visit: str, options: FlareOptions) -> list[FlareRow]:
    files = [(b, gj65() / f"{visit}-{b.letter}d-30s.csv") for b in Band]
    distance = distance_given(None, PARALLAX)
    assert distance is not None
    found = flares_of_curve(list(series_of(read_curve(*files), RADIUS)), options, distance)
    return [row for row in found.rows if row["ranges_of"] == "NUV"]


def is_real(row: FlareRow) -> bool:
    """Whether it counts by what was published: two bins in NUV, or one in both bands at once."""
    return bool(row["n_seeds"] > 1 or row["n_both"] > 0)


@pytest.mark.parametrize("visit", VISITS)
def test_durations_and_energies_are_the_published_ones(visit: str) -> None:
    rows = flares_of(visit, FlareOptions(recipe="gj65"))
    nuv = [row for row in rows if row["band"] == "NUV" and is_real(row)]
    fuv = {row["flare"]: row for row in rows if row["band"] == "FUV"}
    published = [row for row in rows_in(gj65() / "published.csv") if row["file"] == visit]
    # Their numbers are in the order of the light curves, but for those of the third visit.
    published.sort(key=lambda row: (visit == "e13651") * -int(row["flare"]))
    if visit == "e13651":
        published.sort(key=lambda row: float(row["duration_min"]), reverse=True)
    assert len(nuv) == len(published)
    for found, known in zip(nuv, published, strict=True):
        assert found["t1"] - found["t0"] == 60 * float(known["duration_min"])
        error = np.log10(found["energy_err"]) - float(known["log10_energy_err_nuv"])
        assert abs(error) <= 0.025
        for row in (found, fuv[found["flare"]]):
            off = np.log10(row["energy"]) - float(known[f"log10_energy_{row['band'].lower()}"])
            assert abs(off) <= 0.01


@pytest.mark.parametrize("visit", VISITS)
def test_ours_finds_each_of_them_and_says_how_sure_it_is(visit: str) -> None:
    theirs = [row for row in flares_of(visit, FlareOptions(recipe="gj65")) if is_real(row)]
    ours = [row for row in flares_of(visit, FlareOptions()) if is_real(row)]
    for known in (row for row in theirs if row["band"] == "NUV"):
        near = [r for r in ours if r["band"] == "NUV" and abs(r["t_peak"] - known["t_peak"]) < 1]
        assert len(near) == 1
        assert near[0]["significance"] > 3.5
        # Quiescence with the aperture correction is 7 % higher than theirs without.
        assert near[0]["energy"] < known["energy"] < near[0]["energy"] * 10**0.25


@pytest.mark.parametrize("name", ["nearest1_5s.csv", "brightest2_5s.csv"])
@pytest.mark.parametrize("recipe", ["own", "gj65"])
def test_constant_stars_have_none(name: str, recipe: str) -> None:
    options = FlareOptions(recipe=recipe)  # type: ignore[arg-type]
    curve = read_curve((Band.NUV, gj65() / name))
    assert flares_of_curve(list(series_of(curve, RADIUS)), options, NOWHERE).rows == []


def test_the_large_flare_is_hot() -> None:
    rows = flares_of("e13656", FlareOptions(temperature=True))
    large = max(rows, key=lambda row: row["significance"])
    assert 12_000 < large["temperature"] < 17_000
    assert 0 < large["temperature_err"] < 500
    assert large["cut_after"]
    assert not large["cut_before"]
