"""The calibration tables that the inverse of the detector chain needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.mission import LAST_PRE_CSP_ECLIPSE, Band

Table = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Tables:
    """Tables as (x, y) pairs; `offset` is the FUV's, arcsec."""

    wiggle: tuple[Table, Table]
    walk: tuple[Table, Table]
    linearity: tuple[Table, Table]
    cube: tuple[Table, Table]
    cube_header: Mapping[str, float]
    offset: tuple[float, float]
    flat: Table


def read_tables(
    directory: Path,
    band: Band,
    eclipse: int,
    *,
    raw_separation: float,
    fuv_temperature: float | None,
) -> Tables:
    """Read the tables of a visit, whose stims are `raw_separation` arcsec apart."""
    variant = _variant(raw_separation) if band is Band.NUV and _after_csp(eclipse) else ""
    cube = f"{band.value.lower()}_distortion_cube_d{{}}{variant}.fits"
    return Tables(
        wiggle=_pair(directory, f"{band}_wiggle_{{}}.fits"),
        walk=_pair(directory, f"{band}_walk_{{}}.fits"),
        linearity=_pair(directory, f"{band}_NLC_{{}}_det2sky.fits"),
        cube=_pair(directory, cube),
        cube_header=dict(fits.getheader(directory / cube.format("x"))),
        offset=_offset(directory, band, eclipse, fuv_temperature),
        flat=_read(directory / f"{band}_flat.fits"),
    )


def _after_csp(eclipse: int) -> bool:
    return eclipse > LAST_PRE_CSP_ECLIPSE


def _variant(raw_separation: float) -> str:
    if raw_separation < 5136.3:
        return "a"
    return "b" if raw_separation < 5137.25 else "c"


def _read(path: Path) -> Table:
    return np.asarray(fits.getdata(path), np.float32)


def _pair(directory: Path, name: str) -> tuple[Table, Table]:
    return _read(directory / name.format("x")), _read(directory / name.format("y"))


def _offset(
    directory: Path, band: Band, eclipse: int, temperature: float | None
) -> tuple[float, float]:
    if band is Band.NUV:
        return 0.0, 0.0
    if temperature is None:
        raise ValueError("an FUV visit needs the temperature of its detector")
    x, y = (
        np.loadtxt(
            directory / f"fuv_d{axis}_fdttdc_coef_0.tbl", skiprows=eclipse, max_rows=1, usecols=1
        )
        for axis in "xy"
    )
    return float(x), float(y) - 0.3597 * (temperature - 29)
