"""Many light curves at once, from tables of all kinds, good and bad."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import Table
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.archives import MakeArchive, SessionArchive, Star
from tests.examples import examples

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.kernels.arrays import read_only
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.apertures.targets import (
    MaskedSources,
    Targets,
    grid_of,
    haversines,
    neighbours_of,
)
from gphoton_db.products.kernels.aperture_photons import find_photons
from gphoton_db.products.lightcurves.flags import dither_warning


@pytest.fixture(scope="module")
def archive(two_bands: SessionArchive) -> Iterator[Archive]:
    with Archive(two_bands.archive_path) as opened:
        yield opened


def stars(made: SessionArchive) -> Table:
    sources = [made.star(star) for star in Star]
    return Table({"ra": [s.ra for s in sources], "dec": [s.dec for s in sources]})


def plain(column: Any) -> Any:
    return np.asarray(getattr(column, "value", column))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("two_bands", marks=pytest.mark.deep),
        pytest.param("across_ra_0", marks=pytest.mark.deep),
        "near_the_pole",
    ],
)
def test_many_are_the_same_as_each_alone(session_archive: MakeArchive, name: str) -> None:
    made = session_archive(name)
    table = stars(made)
    with Archive(made.archive_path) as archive:
        many = archive.lightcurves(table, annulus=(30, 60), step=10)
        for number, row in enumerate(table):
            alone = archive.lightcurve(row["ra"], row["dec"], annulus=(30, 60), step=10)
            found = many[np.asarray(many["position"]) == number]
            assert len(found) == len(alone)
            for column in alone.colnames[1:]:
                if column == "band":
                    assert list(found["band"]) == list(alone["band"])
                else:
                    np.testing.assert_allclose(
                        plain(found[column]).astype(float),
                        plain(alone[column]).astype(float),
                        rtol=1e-11,
                        err_msg=column,
                    )


@pytest.mark.parametrize("ending", ["csv", "ecsv", "parquet", "fits", "vot"])
def test_positions_come_from_files_of_many_kinds(
    archive: Archive, two_bands: SessionArchive, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"catalogue.{ending}"
    if ending == "csv":
        stars(two_bands).write(path, format="ascii.csv")
    else:
        stars(two_bands).write(path, format="votable" if ending == "vot" else None)
    many = archive.lightcurves(path, step=None)
    assert many.meta["N_POSITIONS"] == len(Star)
    assert set(plain(many["position_flags"])) == {0}


def test_other_tables_of_positions_are_taken_too(
    archive: Archive, two_bands: SessionArchive
) -> None:
    table = stars(two_bands)
    expected = plain(archive.lightcurves(table, step=None)["counts"]).tolist()
    sky = SkyCoord(table["ra"], table["dec"], unit="deg")
    frame = pd.DataFrame({"RA": np.asarray(table["ra"]), "DEC": np.asarray(table["dec"])})
    for given_table in (sky, frame):
        assert plain(archive.lightcurves(given_table, step=None)["counts"]).tolist() == expected


def test_bad_positions_are_kept_flagged_and_counted(
    archive: Archive, two_bands: SessionArchive, caplog: pytest.LogCaptureFixture
) -> None:
    star = two_bands.star(Star.BRIGHT)
    table = Table(
        {
            "ra": [np.nan, star.ra, star.ra, 10.0, -999.0],
            "dec": [1.0, star.dec, star.dec, 10.0, 0.0],
        }
    )
    many = archive.lightcurves(table, step=None)
    flags = {int(p): int(f) for p, f in zip(many["position"], many["position_flags"], strict=True)}
    assert flags == {0: 1, 1: 0, 2: 2, 3: 4, 4: 1}
    counts = plain(many["counts"])
    position = plain(many["position"])
    assert counts[position == 1].tolist() == counts[position == 2].tolist()
    assert np.isnan(plain(many["exposure"])[position == 3]).all()
    assert many.meta["N_OFF_FIELD"] == 1
    assert many.meta["N_NO_POSITION"] == 2
    assert "2 no position, 1 duplicate, 1 off field" in caplog.text


def test_nothing_but_bad_positions_is_a_table_too(archive: Archive) -> None:
    many = archive.lightcurves(Table({"ra": [np.nan, 10.0], "dec": [1.0, 10.0]}))
    assert len(many) == 2
    assert len(archive.lightcurves(Table({"ra": np.empty(0), "dec": np.empty(0)}))) == 0


def test_tables_without_positions_are_refused(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(ProductError, match="has no column ra: its columns are x, dec"):
        archive.lightcurves(Table({"x": [1.0], "dec": [1.0]}))
    with pytest.raises(ProductError, match="does not hold degrees"):
        archive.lightcurves(Table({"ra": ["a"], "dec": [1.0]}))
    with pytest.raises(ProductError, match="there is no such file"):
        archive.lightcurves(tmp_path / "none.csv")
    (tmp_path / "broken.parquet").write_text("not parquet")
    with pytest.raises(ProductError, match="cannot be read as parquet"):
        archive.lightcurves(tmp_path / "broken.parquet")
    with pytest.raises(ProductError, match="no table by its name"):
        archive.lightcurves(tmp_path / "list.docx")


@given(
    centre=st.sampled_from([(10.0, 0.0), (0.0, 40.0), (359.99, -60.0), (120.0, 89.9), (5.0, -90)]),
    radius=st.floats(0.5, 200.0),
    annulus=st.booleans(),
    seed=st.integers(0, 1000),
)
@settings(max_examples=examples(25), deadline=None)
def test_the_grid_finds_the_same_photons_as_trying_all(
    centre: tuple[float, float], radius: float, annulus: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)

    def around(n: int) -> tuple[Any, Any]:
        dec = np.clip(centre[1] + rng.uniform(-0.2, 0.2, n), -90, 90)
        width = 0.2 / max(np.cos(np.radians(centre[1])), 1e-3)
        return np.mod(centre[0] + rng.uniform(-width, width, n), 360), dec

    targets = Targets.of(*around(20))
    ra, dec = map(read_only, around(2000))
    aperture = Aperture(radius, (radius + 5, 2 * radius + 20) if annulus else None)
    neighbours, _ = neighbours_of(targets, aperture, MaskedSources.none())
    grid, reach = grid_of(targets, aperture.largest_arcsec / 3600), aperture.reach()
    directions = (targets.ra, targets.dec, targets.unit_vectors)
    good = np.ones(len(ra), bool)
    hits = find_photons(ra, dec, good, directions, grid, reach, neighbours)
    found = set(zip(hits.target.tolist(), hits.photon.tolist(), hits.around.tolist(), strict=True))
    expected = set()
    for k in range(len(targets)):
        distance = haversines(targets.ra[k], targets.dec[k], ra, dec)
        expected |= {(k, int(p), False) for p in np.flatnonzero(distance <= reach.aperture)}
        ring = (distance > reach.inner) & (distance <= reach.outer)
        expected |= {(k, int(p), True) for p in np.flatnonzero(ring)}
    assert found == expected


def test_known_sources_are_left_out_of_the_annulus() -> None:
    targets = Targets.of(np.array([10.0]), np.array([0.0]))
    aperture = Aperture(12.8, (30.0, 60.0))
    known = MaskedSources(np.array([10.0, 10.0125, 11.0]), np.array([0.0, 0.0, 0.0]), 12.8)
    neighbours, free = neighbours_of(targets, aperture, known)
    assert neighbours.ra.tolist() == [10.0125]
    assert free[0] == pytest.approx(1 - 12.8**2 / (60**2 - 30**2), abs=0.01)
    ra, dec = read_only(np.array([10.0125, 9.9875])), read_only(np.zeros(2))
    directions = (targets.ra, targets.dec, targets.unit_vectors)
    grid = grid_of(targets, 60 / 3600)
    hits = find_photons(ra, dec, np.ones(2, bool), directions, grid, aperture.reach(), neighbours)
    assert hits.photon.tolist() == [1]


def made_sums(rate: Any, place: Any, seed: int = 0) -> Any:
    from gphoton_db.products.apertures.sums import empty_sums

    rng = np.random.default_rng(seed)
    sums = empty_sums(1, len(rate))
    counts = rng.poisson(rate)
    sums.counts[0] = counts
    sums.moments["weight"][0] = sums.moments["squared_weight"][0] = counts
    sums.moments["col"][0], sums.moments["row"][0] = (place * counts[:, None]).T
    return sums


def test_a_rate_that_goes_with_the_dither_is_warned_of() -> None:
    phase = 2 * np.pi * np.arange(56) * 30 / 120.0
    radius = np.linspace(0, 15, 56)
    place = np.column_stack([400 + radius * np.cos(phase), 400 + radius * np.sin(phase)])
    exposure = np.full(56, 30.0)
    fake = made_sums(200 * (1 + 0.03 * (place[:, 0] - 400)), place)
    assert dither_warning(fake, exposure, exposure).tolist() == [True]
    assert dither_warning(fake, exposure, np.full(56, 100.0)).tolist() == [False]
    flare = np.where(np.arange(56) == 30, 2000.0, 200.0)
    assert dither_warning(made_sums(flare, place), exposure, exposure).tolist() == [False]
    quiet = [
        dither_warning(made_sums(np.full(56, 200.0), place, s), exposure, exposure)[0]
        for s in range(300)
    ]
    assert sum(quiet) <= 2


def test_many_light_curves_can_be_written(
    archive: Archive, two_bands: SessionArchive, tmp_path: Path
) -> None:
    many = archive.lightcurves(stars(two_bands), step=20)
    path = archive.write_measured(many, tmp_path / "many.parquet")
    back = Table.read(path)
    assert len(back) == len(many)
    (row,) = archive.query("SELECT kind FROM products WHERE path = ?", [str(path)]).rows()
    assert row["kind"] == "lightcurve"


def test_a_list_without_positions_gives_no_rows_and_says_so(
    archive: Archive, two_bands: SessionArchive, caplog: pytest.LogCaptureFixture
) -> None:
    nothing = stars(two_bands)[:0]
    found = archive.lightcurves(nothing)
    assert len(found) == 0
    assert found.colnames == archive.lightcurves(stars(two_bands)[:1]).colnames
    assert found.meta["N_POSITIONS"] == 0
    assert "the table: has no rows" in caplog.text


def test_a_file_without_positions_is_no_mistake(archive: Archive, tmp_path: Path) -> None:
    file = tmp_path / "none.csv"
    file.write_text("ra,dec\n")
    assert len(archive.lightcurves(file)) == len(archive.find(file)) == 0
