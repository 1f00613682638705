"""Positions in tables as catalogues have them: units, names, masks, text, what is no position."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import MaskedColumn, QTable, Table
from astropy.utils.masked import Masked

from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.catalogs import read_positions
from gphoton_db.products.flares.make import find_flares
from gphoton_db.products.flares.options import FlareOptions
from gphoton_db.products.objects.reference_table import read_reference
from gphoton_db.products.qa.candidates import read_candidates
from gphoton_db.products.sky_places import position_of
from gphoton_db.products.sources.catalog import source_catalog

RA, DEC = np.array([323.4928, 10.25]), np.array([-2.064, 41.5])

NO_ARCHIVE: Any = None

UNITS = (u.hourangle, u.rad, u.arcsec, u.arcmin, u.deg)

ENDINGS = ("ecsv", "fits", "vot", "parquet", "memory")


def given(table: Table, folder: Path, ending: str) -> Any:
    """Return a table as a file of some kind, or as it is."""
    if ending == "memory":
        return table
    path = folder / f"list.{ending}"
    table.write(path, format={"vot": "votable", "ecsv": "ascii.ecsv"}.get(ending, ending))
    return path


def assert_positions(catalog: Any) -> None:
    targets = read_positions(catalog)
    np.testing.assert_allclose([targets.ra, targets.dec], [RA, DEC], rtol=1e-12)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("unit", UNITS[:-1])
def test_angles_of_any_unit_are_converted(tmp_path: Path, unit: u.Unit, ending: str) -> None:
    if (ending, unit) == ("fits", u.hourangle):
        pytest.skip("FITS has no such unit")
    table = Table({"ra": (RA * u.deg).to_value(unit), "dec": (DEC * u.deg).to_value(u.rad)})
    table["ra"].unit, table["dec"].unit = unit, u.rad
    assert_positions(given(table, tmp_path, ending))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("unit", [u.deg, None])
def test_degrees_and_no_unit_are_degrees(tmp_path: Path, unit: u.Unit | None, ending: str) -> None:
    table = Table({"ra": RA, "dec": DEC})
    table["ra"].unit = table["dec"].unit = unit
    assert_positions(given(table, tmp_path, ending))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("unit", ["km", "Jy", "h"])
def test_what_is_no_angle_is_refused(tmp_path: Path, unit: str, ending: str) -> None:
    table = Table({"ra": RA, "dec": DEC})
    table["ra"].unit = unit
    with pytest.raises(ProductError, match=f"column ra is in {unit}, which is no angle"):
        read_positions(given(table, tmp_path, ending))


@pytest.mark.parametrize(
    ("ra", "dec"),
    [
        ("_RAJ2000", "_DEJ2000"),  # VizieR, computed
        ("_RA.icrs", "_DE.icrs"),
        ("RAICRS", "DEICRS"),
        ("RAdeg", "DEdeg"),
        ("ra_deg", "dec_deg"),
        ("ra_epoch2000", "dec_epoch2000"),  # Gaia
        ("raMean", "decMean"),  # Pan-STARRS
        ("s_ra", "s_dec"),  # ObsCore
        ("alpha_j2000_merged", "delta_j2000_merged"),  # GALEX's merged catalogues
        ("ALPHAWIN_J2000", "DELTAWIN_J2000"),  # SExtractor
        ("right_ascension", "declination"),
    ],
)
def test_columns_are_known_by_what_catalogues_call_them(ra: str, dec: str) -> None:
    for table in (Table({"name": ["a", "b"], ra: RA, dec: DEC}), pa.table({ra: RA, dec: DEC})):
        assert_positions(table)


def test_the_names_of_before_are_known_still() -> None:
    for ra, dec in (("ra", "dec"), ("RA_ICRS", "DE_ICRS"), ("alpha_j2000", "DELTA_J2000")):
        assert_positions(Table({ra: RA, dec: DEC}))
    # Of several pairs the plain one counts.
    assert_positions(Table({"RAJ2000": DEC, "DEJ2000": DEC, "ra": RA, "dec": DEC}))


@pytest.mark.parametrize("first", ["ra", "RA", " ra "])
def test_two_columns_of_one_name_are_refused(tmp_path: Path, first: str) -> None:
    path = tmp_path / "joined.csv"
    path.write_text(f"{first},dec,ra\n1,2,3\n")
    frame = pd.DataFrame([[1.0, 2.0, 3.0]], columns=[first, "dec", "ra"])
    for catalog in (path, frame):
        with pytest.raises(ProductError, match="has 2 columns that are called ra"):
            read_positions(catalog)


@pytest.mark.parametrize("ending", [*ENDINGS, "csv"])
def test_sexagesimal_text_is_understood_in_columns(tmp_path: Path, ending: str) -> None:
    sky = SkyCoord(RA, DEC, unit="deg")
    ra = sky.ra.to_string(u.hourangle, sep=":", precision=9)
    dec = sky.dec.to_string(u.deg, sep=":", precision=9, alwayssign=True)
    assert_positions(given(Table({"ra": ra, "dec": dec}), tmp_path, ending))
    # VizieR says so as the unit.
    table = Table({"ra": ra, "dec": dec})
    table["ra"].unit, table["dec"].unit = "'h:m:s'", "'d:m:s'"
    assert_positions(table)


def test_text_that_is_no_angle_is_named_with_its_row() -> None:
    table = Table({"ra": ["1.5", "", "12:30:00", "abc"], "dec": [1.0, 2.0, 3.0, 4.0]})
    with pytest.raises(ProductError, match="column ra, row 3: 'abc' is no angle"):
        read_positions(table)
    targets = read_positions(table[:3])
    np.testing.assert_allclose(targets.ra, [1.5, np.nan, 187.5])


MASKED = {
    "column": Table({"ra": MaskedColumn(RA, mask=[False, True]), "dec": DEC}),
    "unit": Table({"ra": MaskedColumn(RA, mask=[False, True], unit="deg"), "dec": DEC}),
    "quantity": QTable({"ra": Masked(RA, mask=[False, True]) * u.deg, "dec": DEC * u.deg}),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", MASKED)
def test_masked_positions_are_none(tmp_path: Path, kind: str, ending: str) -> None:
    targets = read_positions(given(MASKED[kind], tmp_path, ending))
    assert np.isnan(targets.ra).tolist() == [False, True]
    assert targets.flags.tolist() == [0, 1]
    assert targets.ra[0] == RA[0]


def test_nothing_and_sentinels_are_no_position(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("ra,dec\n10,20\n,20\nnan,20\nNULL,20\n-999,-999\n99,99.99\n10,1e30\n")
    assert read_positions(path).flags.tolist() == [0, 1, 1, 1, 1, 1, 1]
    frame = pd.DataFrame({"ra": pd.array([10.0, None], "Float64"), "dec": [20.0, 20.0]})
    assert read_positions(frame).flags.tolist() == [0, 1]


READERS: dict[str, Callable[[Path], object]] = {
    "lightcurve": read_positions,
    "photometry": source_catalog,
    "match": read_reference,
    "qa": lambda path: read_candidates(NO_ARCHIVE, path),
    "flares": lambda path: find_flares(NO_ARCHIVE, path, None, FlareOptions()),
}
"""What reads the list of each command; none gets as far as the archive."""


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "10,20\n10,-100\n10,91",
            r"column dec, row 1 \(from 0\): -100 deg is outside of -90 to 90",
        ),
        ("400,0", r"column ra, row 0 \(from 0\): 400 deg is outside of -180 to 360: correct it"),
    ],
)
def test_a_slip_is_named_with_its_file_and_row(
    tmp_path: Path, command: str, rows: str, said: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"ra,dec\n{rows}\n")
    with pytest.raises(ProductError, match=rf"list\.csv: {said}"):
        READERS[command](path)


def test_a_masked_eclipse_is_none(tmp_path: Path) -> None:
    eclipse = MaskedColumn([23456, 23456], mask=[False, True])
    table = Table({"ra": RA, "dec": DEC, "eclipse": eclipse})
    for ending in ("memory", "parquet", "fits"):
        assert source_catalog(given(table, tmp_path, ending), eclipse=23456).row.tolist() == [0]


@pytest.mark.parametrize(
    "place", [(400, 0), (-181, 0), ("361", 0), (400 * u.deg, 0), ("-13:00:00", "0")]
)
def test_a_right_ascension_out_of_range_is_refused(place: tuple[Any, Any]) -> None:
    with pytest.raises(ProductError, match="outside of -180 to 360"):
        position_of(*place)


def test_right_ascensions_of_a_list_are_counted_either_way() -> None:
    targets = read_positions(Table({"ra": [-180.0, 360.0, -999.0], "dec": [0.0, 0.0, 0.0]}))
    assert targets.flags.tolist() == [0, 0, 1]
    assert targets.ra[:2].tolist() == [180, 0]
    with pytest.raises(ProductError, match=r"row 0 .*: -180\.5 deg .*, and 1 more like it"):
        read_positions(Table({"ra": [-180.5, 0.0, 360.5], "dec": [0.0, 0.0, 0.0]}))


@pytest.mark.parametrize(("ra", "expected"), [(-180, 180), (-36.5, 323.5), (0, 0), (360, 0)])
def test_right_ascensions_from_minus_180_to_360_are_taken(ra: float, expected: float) -> None:
    assert position_of(ra, 0) == (expected, 0)


@pytest.mark.parametrize("ending", ["csv", "ecsv", "vot"])
def test_compressed_tables_are_read_by_the_ending_before(tmp_path: Path, ending: str) -> None:
    plain = tmp_path / f"list.{ending}"
    table = Table({"ra": RA, "dec": DEC})
    table.write(plain, format={"vot": "votable"}.get(ending, f"ascii.{ending}"))
    path = tmp_path / f"list.{ending}.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    assert_positions(path)
    assert source_catalog(path).name == "list"


def test_compressed_fits_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.fits.gz"
    Table({"ra": RA, "dec": DEC}).write(path)
    assert_positions(path)


def test_a_column_of_coordinates_is_a_position_too(tmp_path: Path) -> None:
    table = QTable({"name": ["a", "b"], "sky": SkyCoord(RA, DEC, unit="deg").galactic})
    assert_positions(table)
    assert_positions(given(table, tmp_path, "ecsv"))


def test_numbers_in_text_are_in_the_unit_of_their_column() -> None:
    table = Table({"ra": (RA / 15).astype(str), "dec": DEC.astype(str)})
    table["ra"].unit = u.hourangle
    assert_positions(table)


@pytest.mark.parametrize("name", ["ra_hours", "ra_b1950", "nuv_ra"])
def test_names_that_may_mean_something_else_are_not_guessed(name: str) -> None:
    with pytest.raises(ProductError, match="has no column ra: its columns are"):
        read_positions(Table({name: RA, "dec": DEC}))


def test_coordinates_that_are_none_are_refused() -> None:
    with pytest.raises(ProductError, match="is no angle"):
        position_of(SkyCoord(np.nan, 1.0, unit="deg"))


def test_a_column_with_several_values_in_a_row_is_an_error() -> None:
    table = Table({"ra": [[1.0, 2.0]], "dec": [[1.0, 2.0]]})
    with pytest.raises(ProductError, match="column ra has several values in each row"):
        read_positions(table)


def test_a_folder_is_no_list_of_positions() -> None:
    with pytest.raises(ProductError, match="is no table by its name"):
        read_positions(Path())
