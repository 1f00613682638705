import gzip
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from gphoton_db.mission import Band
from gphoton_db.simulate.bits import RawFields
from gphoton_db.simulate.raw6_file import Raw6Rows, raw6_rows, write_raw6
from tests.oracle.raw6 import read_raw6

START_MS = 874_361_240_995


def rows_from(start: int, n: int) -> Raw6Rows:
    number = np.arange(start, start + n)
    fields = RawFields(
        number % 8, number % 2000, number % 7, -number % 900, number % 32, number % 31
    )
    return raw6_rows(START_MS + 5 * number, fields)


def test_portions_end_up_in_one_table(tmp_path: Path) -> None:
    path = tmp_path / "e23500-nd-raw6.fits.gz"
    n = write_raw6(path, (rows_from(100 * k, 100) for k in range(30)), eclipse=23500, band=Band.NUV)
    raw = read_raw6(path)
    assert n == len(raw.time_ms) == 3000
    assert np.array_equal(raw.time_ms, START_MS + 5 * np.arange(3000))
    with fits.open(path) as hdus:
        hdus.verify("exception")
        assert hdus[1].data.tobytes() == rows_from(0, 3000).tobytes()
    assert len(gzip.decompress(path.read_bytes())) % 2880 == 0


def test_the_bytes_depend_on_the_rows_alone(tmp_path: Path) -> None:
    one, other = tmp_path / "one.gz", tmp_path / "other.gz"
    write_raw6(one, [rows_from(0, 999)], eclipse=1, band=Band.FUV)
    write_raw6(other, [rows_from(0, 500), rows_from(500, 499)], eclipse=1, band=Band.FUV)
    assert one.read_bytes() == other.read_bytes()


def test_portions_are_written_one_by_one(tmp_path: Path) -> None:
    """Nothing is kept: each portion is on the disk before the next one is asked for."""
    path = tmp_path / "raw6.gz"
    rows = rows_from(0, 100_000)

    def portions() -> Iterator[Raw6Rows]:
        for k in range(3):
            written = sum(file.stat().st_size for file in tmp_path.iterdir())
            assert written > k * rows.nbytes - 100_000
            yield rows

    assert write_raw6(path, portions(), eclipse=23500, band=Band.NUV) == 300_000


def test_no_file_of_rows_stays_behind(tmp_path: Path) -> None:
    def broken() -> Iterator[Raw6Rows]:
        yield rows_from(0, 10)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_raw6(tmp_path / "raw6.gz", broken(), eclipse=23500, band=Band.NUV)
    assert list(tmp_path.iterdir()) == []
