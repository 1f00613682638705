import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits

from gphoton_db.aspect.attitude_rows import aspect_of
from gphoton_db.aspect.tables import (
    Columns,
    match_columns,
    numeric_columns,
    read_eclipse_rows,
    read_fits_table,
)
from gphoton_db.errors import PointingError

Write = Callable[..., Path]
FILE = Path("some-file.fits")
COLUMNS = {"T": np.arange(2000.0), "Ra": np.ones(2000), "extra": np.zeros(2000)}


@pytest.mark.parametrize("name", ["table.fits", "table.fits.gz"])
def test_fits_tables_are_read_plain_and_gzipped(
    tmp_path: Path, write_fits: Write, name: str
) -> None:
    table = read_fits_table(write_fits(tmp_path / name, {"LEG": 2, "KIND": " MIS "}, COLUMNS))
    columns = table.columns(["time", "ra"])
    assert columns["time"].tolist() == COLUMNS["T"].tolist()
    assert columns["ra"].dtype == np.float64
    assert columns["ra"].dtype.isnative
    assert table.number("LEG") == 2
    assert table.text("KIND") == "MIS"
    assert table.number("ROLL") is None
    assert table.text("ROLL") is None


def test_a_header_value_that_is_no_number_is_not_known(tmp_path: Path, write_fits: Write) -> None:
    table = read_fits_table(
        write_fits(tmp_path / "t.fits", {"FDTTDC": "off", "EMPTY": None}, COLUMNS)
    )
    assert table.number("FDTTDC") is None
    assert table.number("EMPTY") is None
    assert table.text("EMPTY") is None


@pytest.mark.parametrize("keep", [0, 1, 1000, 3000, 20000])
@pytest.mark.parametrize("name", ["table.fits", "table.fits.gz"])
def test_truncated_fits_is_an_error(
    tmp_path: Path, write_fits: Write, name: str, keep: int
) -> None:
    path = write_fits(tmp_path / name, {}, COLUMNS)
    content = path.read_bytes()
    path.write_bytes(content[: min(keep, len(content) - 9)])
    with pytest.raises(PointingError, match=f"{name}: cannot be read as FITS"):
        read_fits_table(path)


def test_a_flipped_byte_in_gzip_is_an_error(tmp_path: Path, write_fits: Write) -> None:
    path = write_fits(tmp_path / "table.fits.gz", {}, COLUMNS)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(PointingError, match=r"table\.fits\.gz"):
        read_fits_table(path)


@pytest.mark.parametrize("content", [b"", b"<html>404 not found</html>", b"\x1f\x8b junk"])
def test_what_is_no_fits_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.fits"
    for stored in (content, gzip.compress(content)):
        path.write_bytes(stored)
        with pytest.raises(PointingError, match=r"page\.fits: cannot be read as FITS"):
            read_fits_table(path)


def test_missing_files_and_directories_are_errors(tmp_path: Path) -> None:
    for path in (tmp_path / "none.fits", tmp_path):
        with pytest.raises(PointingError, match="cannot be read as FITS"):
            read_fits_table(path)


def test_fits_without_a_table_is_an_error(tmp_path: Path) -> None:
    image = tmp_path / "image.fits"
    fits.PrimaryHDU(np.zeros((3, 3))).writeto(image)
    with pytest.raises(PointingError, match="HDU 1 is no table"):
        read_fits_table(image)


def test_a_text_column_is_no_number(tmp_path: Path, write_fits: Write) -> None:
    table = read_fits_table(write_fits(tmp_path / "t.fits", {}, {"ra": np.array(["a", "b"])}))
    with pytest.raises(PointingError, match="column ra does not hold numbers"):
        table.columns(["ra"])


def test_a_column_of_vectors_is_no_number(tmp_path: Path) -> None:
    path = tmp_path / "t.fits"
    column = fits.Column("ra", "2D", array=np.zeros((3, 2)))
    fits.BinTableHDU.from_columns([column]).writeto(path)
    with pytest.raises(PointingError, match="column ra holds more than one number a row"):
        read_fits_table(path).columns(["ra"])


def test_columns_match_by_name_in_any_case_and_by_alias() -> None:
    found = match_columns(
        ["TIME", "Dec_ACS", "other"], required=["time", "dec"], optional=["roll"], file=FILE
    )
    assert found == [("time", "TIME"), ("dec", "Dec_ACS")]


def test_missing_columns_are_listed_with_the_file_and_what_it_has() -> None:
    with pytest.raises(PointingError, match=r"some-file.*time or t or pktime; roll.*it has ra, x"):
        match_columns(["ra", "x"], required=["time", "ra", "roll"], file=FILE)


def _columns(time: list[float], **changes: Any) -> Columns:
    n = len(time)
    columns = {name: np.zeros(n) for name in ("ra", "dec", "roll", "flags")}
    return columns | {"time": np.array(time)} | {k: np.array(v) for k, v in changes.items()}


def test_times_are_rounded_to_milliseconds_and_sorted() -> None:
    aspect = aspect_of(
        _columns([874361241.995, 874361240.9949999], ra=[-1.0, 361.0], flags=[1.0, 0.0]), FILE
    )
    assert aspect.time_ms.tolist() == [874361240995, 874361241995]
    assert aspect.ra.tolist() == [1.0, 359.0]
    assert aspect.flags.tolist() == [0, 1]


def test_exact_duplicates_are_dropped() -> None:
    aspect = aspect_of(_columns([1, 2, 2, 2, 3], ra=[5.0, 6.0, 6.0, 6.0, 7.0]), FILE)
    assert aspect.ra.tolist() == [5.0, 6.0, 7.0]


def test_rows_that_contradict_each_other_are_an_error() -> None:
    with pytest.raises(PointingError, match=r"some-file.*two rows of t = 2\.000 contradict"):
        aspect_of(_columns([1, 2, 2], ra=[5.0, 6.0, 6.5]), FILE)


@pytest.mark.parametrize(
    "columns",
    [
        _columns([]),
        _columns([1.0, np.nan]),
        _columns([1.0, 2.0], flags=[0.0, 0.5]),
        _columns([1.0, 2.0], flags=[0.0, np.nan]),
        _columns([1.0, 2.0], ra=[0.0, np.nan]),
        _columns([1.0, 2.0], dec=[0.0, -91.0]),
    ],
)
def test_impossible_rows_are_errors_that_name_the_file(columns: Columns) -> None:
    with pytest.raises(PointingError, match="some-file"):
        aspect_of(columns, FILE)


def test_only_the_eclipse_is_read_from_parquet(tmp_path: Path, write_parquet: Write) -> None:
    # The folder's name must not become a column.
    path = write_parquet(
        tmp_path / "time=9" / "aspect.parquet",
        {"Eclipse": [1, 2, 2], "PKTIME": [1.0, 2.0, None], "other": ["a", "b", "c"]},
    )
    table = read_eclipse_rows(path, 2, required=["time"], optional=["ra"])
    assert table.column_names == ["eclipse", "time"]
    time = numeric_columns(table, path)["time"]
    np.testing.assert_array_equal(time, [2.0, np.nan])
    assert read_eclipse_rows(path, 7, required=["time"]).num_rows == 0


@pytest.mark.parametrize("keep", [0, 3, 100, -5])
def test_damaged_parquet_is_an_error(tmp_path: Path, write_parquet: Write, keep: int) -> None:
    path = write_parquet(tmp_path / "aspect.parquet", {"eclipse": [1], "time": [1.0]})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(PointingError, match=r"aspect\.parquet: cannot be read as Parquet"):
        read_eclipse_rows(path, 1, required=["time"])


def test_parquet_with_damaged_pages_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "aspect.parquet"
    times = np.random.default_rng(1).normal(size=5000)
    pq.write_table(
        pa.table({"eclipse": np.ones(5000, int), "time": times}),
        path,
        compression="zstd",
        write_page_checksum=True,
    )
    content = bytearray(path.read_bytes())
    content[100:20000] = bytes(19900)
    path.write_bytes(content)
    with pytest.raises(PointingError, match=r"aspect\.parquet"):
        read_eclipse_rows(path, 1, required=["time"])


def test_parquet_without_an_eclipse_column_is_an_error(
    tmp_path: Path, write_parquet: Write
) -> None:
    path = write_parquet(tmp_path / "aspect.parquet", {"visit": [1], "time": [1.0]})
    with pytest.raises(PointingError, match=r"missing: eclipse; it has visit, time"):
        read_eclipse_rows(path, 1, required=["time"])


def test_text_in_place_of_numbers_is_an_error(tmp_path: Path, write_parquet: Write) -> None:
    path = write_parquet(tmp_path / "aspect.parquet", {"eclipse": [1], "time": ["now"]})
    with pytest.raises(PointingError, match="column time does not hold numbers"):
        numeric_columns(read_eclipse_rows(path, 1, required=["time"]), path)
    path = write_parquet(tmp_path / "other.parquet", {"eclipse": ["one"], "time": [1.0]})
    with pytest.raises(PointingError, match=r"other\.parquet"):
        read_eclipse_rows(path, 1, required=["time"])
