"""Stars of a simulated visit: those that vary are found, and every one has its row."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from gphoton_db.mission import Bands, parse_bands
from gphoton_db.products.variables.kept import measured_before
from gphoton_db.products.variables.options import VariableOptions
from gphoton_db.schemas import LEG, VARIABLES
from tests.archives import SessionArchive, Star
from tests.gphoton_db.conftest import Cli
from tests.products.variables.conftest import DEPTH, ECLIPSE, NOWHERE, Measured
from tests.shared import own_copy


def n_rows(archive: Archive) -> int:
    (row,) = archive.query("SELECT count(*) AS n FROM variables").rows()
    return int(row["n"])


@pytest.mark.parametrize("star", [Star.FLARING, Star.PULSATING, Star.ECLIPSING])
@pytest.mark.parametrize("band", ["NUV", "FUV"])
def test_stars_that_vary_are_found(measured: Measured, star: Star, band: str) -> None:
    row = measured.row(star, band)
    assert row["score"] > 8
    assert row["reasons"]
    assert row["n_blocks"] >= (1 if star is Star.PULSATING else 2)


def test_constant_stars_are_not(measured: Measured) -> None:
    for star in (Star.BRIGHT, Star.BLUE, Star.FAINT):
        for band in ("NUV", "FUV"):
            row = measured.row(star, band)
            assert row["score"] < 4
            assert row["n_blocks"] is None or row["n_blocks"] == 1


def test_a_flare_is_where_it_was_and_in_both_bands(measured: Measured) -> None:
    row = measured.row(Star.FLARING)
    # It starts 25 s into the visit, and falls by a factor e in 8 s after 2 s of rise.
    assert 20 < row["flare_t0"] - row["t0"] < 30
    assert row["flare_window"] in (5.0, 20.0)
    assert row["flare_photons"] > 3 * row["flare_expected"]
    assert row["other_photons"] > 2 * row["other_expected"]
    assert row["coincidence_p"] < 1e-6
    assert {"flare", "coincidence"} <= set(row["reasons"])


def test_what_pulsates_has_its_period(measured: Measured) -> None:
    # Bins of 5 s have 0.75 of the amplitude of a sinusoid of 12 s.
    row = measured.row(Star.PULSATING)
    assert row["period"] == pytest.approx(12.0, abs=1.0)
    assert row["period_p"] < 1e-6
    assert row["period_amplitude"] == pytest.approx(0.45, abs=0.12)


def test_an_eclipse_is_a_dip(measured: Measured) -> None:
    row = measured.row(Star.ECLIPSING)
    assert row["dip_p"] < 1e-4
    assert 10 < row["dip_t0"] - row["t0"] < 30
    assert row["dip_photons"] < row["dip_expected"]


def test_photons_are_those_of_light_curves(measured: Measured, archive: Archive) -> None:
    row = measured.row(Star.BRIGHT)
    curve = archive.lightcurve(row["ra"], row["dec"], radius=12.8, bands="NUV")
    # The last bin, of 4 s, is used, for more than half of it is exposed.
    assert row["photons"] == curve["counts"].value.sum()
    assert row["excess_variance"] == pytest.approx(0, abs=4 * row["excess_variance_err"])


def test_every_position_has_a_row_and_the_view_all_of_them(
    measured: Measured, archive: Archive
) -> None:
    assert len(measured.table) == 2 * (len(Star) + 1)
    assert measured.table.schema.names == [*LEG.names, *VARIABLES.names]
    found = archive.query("FROM variables ORDER BY band DESC, source").arrow()
    assert found.to_pylist() == measured.table.to_pylist()
    nowhere = measured.row(NOWHERE)
    known = {name for name, value in nowhere.items() if value not in (None, [])}
    named = {"catalog", "source", "source_id", "radius", "depth", "t0", "t1"}
    assert known == {*LEG.names, *named}


def test_a_lost_catalogue_finds_them_and_they_go_with_a_band_or_take_the_place_of_each_other(
    copied: Path, measured: Measured, two_bands: SessionArchive
) -> None:
    fuv = two_bands.visits[1]
    (copied / "gphoton.duckdb").unlink()
    with Archive(copied) as archive:
        assert n_rows(archive) == len(measured.table)
        assert not archive.verify().faults
        archive.variables(ECLIPSE, depth=10, catalog=measured.stars)
        assert n_rows(archive) == len(measured.table)
        archive.ingest(
            ECLIPSE,
            "FUV",
            raw6=fuv.raw6,
            pointing=fuv.pointing,
            calibration=fuv.calibration,
            force=True,
        )
        assert n_rows(archive) == 0
        alone = archive.variables(ECLIPSE, depth=10, catalog=measured.stars, bands="NUV")
        assert set(alone["band"].to_pylist()) == {"NUV"}
        assert alone["coincidence_p"].null_count == len(alone) == n_rows(archive)


@pytest.mark.parametrize("ending", ["parquet", "fits", pytest.param("csv", marks=pytest.mark.deep)])
def test_files_have_all_of_it(
    archive: Archive, measured: Measured, tmp_path: Path, ending: str
) -> None:
    path = archive.write_variables(measured.table, tmp_path / f"variables.{ending}")
    if ending == "parquet":
        assert pq.read_table(path).to_pylist() == measured.table.to_pylist()
        return
    table = Table.read(path, format={"csv": "ascii.csv"}.get(ending, ending))
    expected = [" ".join(each) for each in measured.table["reasons"].to_pylist()]
    found = np.ma.filled(np.ma.asarray(table["reasons"]), "")
    assert [str(each).strip() for each in found] == expected
    score = measured.table["score"].to_numpy()
    np.testing.assert_allclose(np.ma.filled(table["score"], np.nan), score, rtol=1e-12)


def test_the_command_reports_and_writes(
    cli: Cli, copied: Path, measured: Measured, tmp_path: Path
) -> None:
    output = tmp_path / "variables.csv"
    choices = ("--catalog", str(measured.stars), "--bands", "NUV", "--depth", str(DEPTH))
    command = ("--archive", str(copied), "variables", str(ECLIPSE), *choices)
    done = cli(*command, "--output", str(output), "--json")
    assert done.code == 0, done.err
    assert "of 8 positions 1 without a position" in done.err
    said = json.loads(done.out)
    (report,) = said["eclipses"]
    assert (report["band"], report["sources"]) == ("NUV", len(Star) + 1)
    assert report["candidates"] + report["with_warnings"] >= 3
    assert not report["measured_before"]  # but with FUV, whose photons of the flares count, too
    again = cli(*command)
    assert (again.code, "(measured before)" in again.err, "--again" in again.err) == (0, True, True)
    assert "(measured before)" not in cli(*command, "--again").err
    assert len(output.read_text("utf-8").splitlines()) == len(Star) + 2
    refused = cli("--archive", str(copied), "variables")
    assert refused.code != 0
    assert "--all" in refused.err
    nothing = cli("--archive", str(copied), "variables", "--all")
    assert (nothing.code, "gphoton-db catalogue" in nothing.err) == (0, True)


def test_what_was_measured_in_the_same_way_is_passed_over(
    archive: Archive, measured: Measured, tmp_path: Path
) -> None:
    reader = archive._product_reader()

    def passed(bands: Bands = None, **how: Any) -> bool:
        options = VariableOptions(**{"depth": DEPTH, "catalog": measured.stars, **how})
        before = measured_before(reader, [ECLIPSE, 77, -1], parse_bands(bands), options)
        return before == {ECLIPSE}

    assert passed()
    same = archive.variables(ECLIPSE, depth=DEPTH, catalog=measured.stars)
    assert same.to_pylist() == measured.table.to_pylist()
    assert not passed(bands="NUV")
    other = tmp_path / "stars.csv"
    other.write_text("ra,dec\n150.1,2.2\n")
    for how in ({"depth": 10}, {"radius": 9}, {"catalog": None}, {"catalog": other}):
        assert not passed(**how)
    # There is nothing to measure, which is to be said.
    assert not passed(min_exposure=500)


def test_what_cannot_be_done_says_why(archive: Archive) -> None:
    with pytest.raises(ProductError, match=f"gphoton-db catalogue {ECLIPSE}"):
        archive.variables(ECLIPSE)
    with pytest.raises(ProductError, match="whole seconds"):
        archive.variables(ECLIPSE, depth=0.5)
    with pytest.raises(ProductError, match="up to 20 arcsec"):
        archive.variables(ECLIPSE, radius=25)
    assert len(archive.variables()) == 0  # nothing has a catalogue


def test_short_legs_are_left_out_if_asked(
    archive: Archive, measured: Measured, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(archive.variables(ECLIPSE, catalog=measured.stars, min_exposure=500)) == 0
    assert "less than 500 s" in caplog.text


def test_several_eclipses_at_a_time_give_the_same(
    overlapping_visits: SessionArchive, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, overlapping_visits.archive_path)
    star = overlapping_visits.star(Star.BRIGHT)
    places = {"ra": [star.ra], "dec": [star.dec]}
    eclipses = [visit.eclipse for visit in overlapping_visits.visits]
    told: list[tuple[str, int, int]] = []

    def tell(stage: str, done: int, total: int) -> None:
        told.append((stage, done, total))

    with Archive(root) as archive:
        one_by_one = archive.variables(eclipses, depth=DEPTH, catalog=places, on_progress=tell)
        assert told[-1] == ("legs", 2, 2)
        # What fails keeps the others from nothing: workers are started once for both.
        how: dict[str, Any] = {"depth": DEPTH, "catalog": places, "jobs": 2}
        with pytest.raises(ProductError, match="1 of 3 eclipses could not be measured"):
            archive.variables([*eclipses, 77], **how, again=True, on_progress=tell)
        assert told[-1] == ("eclipses", 3, 3)
        passed = archive.variables(eclipses, **how)
        assert passed.to_pylist() == one_by_one.to_pylist()
        noted = " ".join(map(str, eclipses)).encode()
        assert passed.schema.metadata == {b"measured_before": noted}
        assert n_rows(archive) == len(eclipses)
