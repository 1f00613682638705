"""Writers of small pointing files, and the aspect of a made-up visit."""

import gzip
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.aspect.gnomonic import deproject
from gphoton_db.aspect.pointing import Aspect

FORMATS = {"f": "D", "i": "J", "u": "B", "U": "10A"}

Rows = dict[str, NDArray[Any]]


@pytest.fixture
def e23500() -> Path:
    """The shared visit; tests that need it are skipped without it."""
    directory = Path(__file__).resolve().parents[3] / "shared" / "galex" / "e23500"
    if not directory.is_dir():
        pytest.skip("needs ../shared/galex/e23500")
    return directory


@pytest.fixture
def dither() -> Callable[..., Rows]:
    """Make aspect rows, one a second, that spiral 0.01 deg about each target in turn."""

    def make(
        targets: Sequence[tuple[float, float]],
        *,
        seconds: int = 100,
        slew_seconds: int = 20,
        slew_flag: int = 0,
        roll: float = 110.0,
        t0: float = 874361240.995,
    ) -> Rows:
        ra, dec, flags = [], [], []
        for k, (ra0, dec0) in enumerate(targets):
            angle = np.arange(seconds) / 10
            reach = 0.01 * 36000 * np.arange(seconds) / seconds
            points = deproject(reach * np.cos(angle), reach * np.sin(angle), ra0, dec0, 0.0)
            ra.append(points[0])
            dec.append(points[1])
            flags.append(np.zeros(seconds))
            if k + 1 < len(targets):
                ra1, dec1 = targets[k + 1]
                fraction = np.linspace(0, 1, slew_seconds + 2)[1:-1]
                ra.append((ra0 + fraction * ((ra1 - ra0 + 180) % 360 - 180)) % 360)
                dec.append(dec0 + fraction * (dec1 - dec0))
                flags.append(np.full(slew_seconds, slew_flag))
        n = sum(map(len, ra))
        return {
            "t": t0 + np.arange(n),
            "ra": np.concatenate(ra),
            "dec": np.concatenate(dec),
            "roll": np.full(n, roll),
            "status_flag": np.concatenate(flags).astype(np.int32),
        }

    return make


@pytest.fixture
def as_aspect() -> Callable[[Rows], Aspect]:
    def convert(rows: Rows) -> Aspect:
        return Aspect(
            np.rint(rows["t"] * 1000).astype(np.int64),
            rows["ra"],
            rows["dec"],
            rows["roll"],
            rows["status_flag"].astype(np.int64),
        )

    return convert


@pytest.fixture
def write_fits() -> Callable[..., Path]:
    """Write a FITS table with a primary header, gzipped when the name ends in .gz."""

    def write(path: Path, header: Mapping[str, Any], columns: Mapping[str, Any]) -> Path:
        primary = fits.PrimaryHDU()
        primary.header.update(header)
        arrays = {name: np.asarray(column) for name, column in columns.items()}
        table = fits.BinTableHDU.from_columns(
            [
                fits.Column(name, FORMATS[array.dtype.kind], array=array)
                for name, array in arrays.items()
            ]
        )
        buffer = BytesIO()
        fits.HDUList([primary, table]).writeto(buffer)
        content = buffer.getvalue()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
        return path

    return write


@pytest.fixture
def write_asprta(write_fits: Callable[..., Path]) -> Callable[..., Path]:
    def write(path: Path, rows: Rows, **header: Any) -> Path:
        return write_fits(path, {"ECLIPSE": 23456} | header, rows)

    return write


@pytest.fixture
def write_scst(write_fits: Callable[..., Path]) -> Callable[..., Path]:
    """Write a spacecraft state; at voltage where the flags of the rows are even."""

    def write(path: Path, rows: Rows, **header: Any) -> Path:
        at_voltage = (rows["status_flag"] % 2 == 0).astype(np.uint8)
        columns = {
            "pktime": rows["t"],
            "hvnom_nuv": at_voltage,
            "hvnom_fuv": at_voltage * 0,
            "ra_acs": rows["ra"],
            "dec_acs": rows["dec"],
            "roll_acs": rows["roll"],
        }
        return write_fits(path, {"ECLIPSE": 23456} | header, columns)

    return write


@pytest.fixture
def write_parquet() -> Callable[..., Path]:
    def write(path: Path, columns: Mapping[str, Any]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(dict(columns)), path)
        return path

    return write


@pytest.fixture
def write_aspect_table(write_parquet: Callable[..., Path]) -> Callable[..., Path]:
    """Write a consolidated aspect table of one eclipse among rows of its neighbours."""

    def write(path: Path, rows: Rows, eclipse: int = 23456) -> Path:
        n = len(rows["t"])
        columns = {
            "eclipse": np.repeat([eclipse - 1, eclipse, eclipse + 1], n),
            "time": np.tile(rows["t"], 3),
            "ra": np.concatenate([np.zeros(n), rows["ra"], np.zeros(n)]),
            "dec": np.concatenate([np.zeros(n), rows["dec"], np.zeros(n)]),
            "roll": np.tile(rows["roll"], 3),
            "flags": np.tile(rows["status_flag"], 3),
        }
        return write_parquet(path, columns)

    return write
