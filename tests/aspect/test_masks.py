"""Values that a file marks as missing, in the ways of FITS and of astropy's Parquet."""

from pathlib import Path

import duckdb
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import MaskedColumn, Table

from gphoton_db.aspect.tables import numeric_columns, read_eclipse_rows, read_fits_table
from gphoton_db.errors import EclipseListError
from gphoton_db.intake.many.eclipse_list import read_eclipses
from gphoton_db.intake.pointing_tables import FORMS, rewrite_table
from gphoton_db.mission import Band


def aspect_rows(*masked: str) -> Table:
    """Return two rows of attitude; of the second the named columns are masked."""
    values = {
        "eclipse": [23456, 23456],
        "time": [10.0, 11.0],
        "ra": [1.0, 2.0],
        "dec": [3.0, 4.0],
        "roll": [5.0, 6.0],
        "flags": [0, 0],
    }
    return Table(
        {
            name: MaskedColumn(column, mask=[False, True]) if name in masked else column
            for name, column in values.items()
        }
    )


def test_masked_values_of_parquet_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "aspect.parquet"
    aspect_rows("ra", "flags").write(path)
    table = read_eclipse_rows(path, 23456, required=("time", "ra", "flags"))
    columns = numeric_columns(table, path)
    assert sorted(columns) == ["eclipse", "flags", "ra", "time"]
    assert np.isnan(columns["ra"]).tolist() == np.isnan(columns["flags"]).tolist() == [False, True]
    assert columns["time"].tolist() == [10.0, 11.0]


def test_a_row_of_a_masked_eclipse_is_of_none(tmp_path: Path) -> None:
    path = tmp_path / "aspect.parquet"
    aspect_rows("eclipse").write(path)
    assert read_eclipse_rows(path, 23456, required=("time",))["time"].to_pylist() == [10.0]


def test_an_import_leaves_masked_rows_out(tmp_path: Path) -> None:
    aspect_rows("ra").write(tmp_path / "aspect.parquet")
    with duckdb.connect() as session:
        made = rewrite_table(
            session,
            FORMS["aspect"],
            tmp_path / "aspect.parquet",
            tmp_path / "made.parquet",
            on_progress=lambda *_: None,
        )
    assert (made.n_rows, made.n_left_out) == (1, 1)


def test_null_integers_of_fits_are_not_there(tmp_path: Path) -> None:
    flags = fits.Column("flags", "J", null=99, array=np.array([0, 99]))
    time = fits.Column("time", "D", array=np.array([1.0, 2.0]))
    path = tmp_path / "aspect.fits"
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns([time, flags])]).writeto(path)
    columns = read_fits_table(path).columns(("time", "flags"))
    assert np.isnan(columns["flags"]).tolist() == [False, True]


def test_a_masked_eclipse_is_no_entry_of_a_list(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    Table({"eclipse": MaskedColumn([23456, 23457], mask=[False, True])}).write(path)
    with pytest.raises(EclipseListError, match="row 2: 'None' is no eclipse"):
        read_eclipses(path, [Band.NUV])
