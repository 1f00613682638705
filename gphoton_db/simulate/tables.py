"""The calibration tables that the inverse of the detector chain needs."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.errors import SimulationError
from gphoton_db.mission import LAST_PRE_CSP_ECLIPSE, Band, centre_scale
from gphoton_db.simulate.kernels.inverse import ChainTables

Table = NDArray[np.float32]


def read_tables(
    directory: Path,
    band: Band,
    eclipse: int,
    *,
    raw_separation: float,
    fuv_temperature: float | None,
) -> ChainTables:
    """Read the tables of a visit, whose stims are `raw_separation` arcsec apart."""
    wiggle_x, wiggle_y = _pair(directory, f"{band}_wiggle_{{}}.fits")
    walk_x, walk_y = _pair(directory, f"{band}_walk_{{}}.fits")
    linearity_x, linearity_y = _pair(directory, f"{band}_NLC_{{}}_det2sky.fits")
    cube = _cube_name(band, eclipse, raw_separation)
    cube_x, cube_y = _pair(directory, cube)
    header = fits.getheader(directory / cube.format("x"))
    start, step = (
        (float(header[f"DC_{d}D{n}"]), float(header[f"DC_{d}Y{n}"]), float(header[f"DC_{d}X{n}"]))
        for d, n in (("", "0"), ("D", ""))
    )
    offset_x, offset_y = _offset(directory, band, eclipse, fuv_temperature)
    return ChainTables(
        scale=centre_scale(band, eclipse),
        sign=1.0 if band is Band.NUV else -1.0,
        wiggle_x=wiggle_x,
        wiggle_y=wiggle_y,
        walk_x=walk_x,
        walk_y=walk_y,
        linearity_x=linearity_x,
        linearity_y=linearity_y,
        cube_x=cube_x,
        cube_y=cube_y,
        cube_start=start,
        cube_step=step,
        offset_x=offset_x,
        offset_y=offset_y,
    )


def with_cube_of(
    tables: ChainTables, directory: Path, band: Band, eclipse: int, raw_separation: float
) -> ChainTables:
    """Return `tables` with the distortion cube that a stim separation (arcsec) chooses."""
    cube_x, cube_y = _pair(directory, _cube_name(band, eclipse, raw_separation))
    return tables._replace(cube_x=cube_x, cube_y=cube_y)


def read_flat(directory: Path, band: Band) -> Table:
    """Read the (800, 800) relative response of detector column and row."""
    return _read(directory / f"{band}_flat.fits")


def _cube_name(band: Band, eclipse: int, raw_separation: float) -> str:
    variant = ""
    if band is Band.NUV and eclipse > LAST_PRE_CSP_ECLIPSE:
        variant = "a" if raw_separation < 5136.3 else "b" if raw_separation < 5137.25 else "c"
    return f"{band.value.lower()}_distortion_cube_d{{}}{variant}.fits"


def _read(path: Path) -> Table:
    if not path.is_file():
        raise SimulationError(f"{path}: no such file; the calibration directory is not complete")
    return np.ascontiguousarray(fits.getdata(path), np.float32)


def _pair(directory: Path, name: str) -> tuple[Table, Table]:
    return _read(directory / name.format("x")), _read(directory / name.format("y"))


def _offset(
    directory: Path, band: Band, eclipse: int, temperature: float | None
) -> tuple[float, float]:
    if band is Band.NUV:
        return 0.0, 0.0
    if temperature is None:
        raise SimulationError("an FUV visit needs the temperature of its detector")
    return fuv_offset(directory, eclipse, temperature)


def fuv_offset(directory: Path, eclipse: int, temperature: float) -> tuple[float, float]:
    """Return the offset of FUV in x and y, arcsec, at an eclipse and a temperature (deg C)."""
    x, y = (_coefficient(directory / f"fuv_d{axis}_fdttdc_coef_0.tbl", eclipse) for axis in "xy")
    return x, y - 0.3597 * (temperature - 29)


def _coefficient(path: Path, eclipse: int) -> float:
    rows = _coefficient_rows(path, path.stat().st_mtime_ns)
    if not 1 <= eclipse <= len(rows):
        raise SimulationError(f"{path}: eclipse {eclipse} is not among its {len(rows)} eclipses")
    return float(rows[eclipse - 1].split()[1])


@lru_cache(maxsize=4)
def _coefficient_rows(path: Path, _changed_ns: int) -> list[str]:
    """Return the rows of a text table as it was changed last; a mission asks again and again."""
    return [line for line in path.read_text().splitlines() if not line.startswith("|")]
