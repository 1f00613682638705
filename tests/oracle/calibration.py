"""The calibration tables of one band and eclipse, read as float64 with astropy."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from gphoton_db.errors import ReductionError
from tests.oracle.arrays import Floats
from tests.oracle.constants import LAST_PRE_CSP_ECLIPSE


@dataclass(frozen=True, eq=False)
class Calibration:
    """Tables with their axes in the order of the files; the cube's header beside it."""

    wiggle_x: Floats
    wiggle_y: Floats
    walk_x: Floats
    walk_y: Floats
    linearity_x: Floats
    linearity_y: Floats
    cube_x: Floats
    cube_y: Floats
    cube_header: Mapping[str, float]
    flat: Floats
    mask: Floats
    x_offset: float
    y_offset: float


def read_calibration(
    directory: Path,
    band: str,
    eclipse: int,
    *,
    raw_separation: float | None = None,
    fuv_temperature: float | None = None,
) -> Calibration:
    """Read the tables for a visit.

    Parameters
    ----------
    raw_separation : float, optional
        Mean separation of the stims before any correction, arcsec; chooses the post-CSP cube.
    fuv_temperature : float, optional
        Temperature of the FUV TDC, deg C.
    """
    variant = _cube_variant(band, eclipse, raw_separation)
    cube = f"{band.lower()}_distortion_cube_d{{}}{variant}.fits"
    wiggle, walk = f"{band}_wiggle_{{}}.fits", f"{band}_walk_{{}}.fits"
    linearity = f"{band}_NLC_{{}}_det2sky.fits"
    x_offset, y_offset = _offsets(directory, band, eclipse, fuv_temperature)
    return Calibration(
        wiggle_x=_image(directory / wiggle.format("x")),
        wiggle_y=_image(directory / wiggle.format("y")),
        walk_x=_image(directory / walk.format("x")),
        walk_y=_image(directory / walk.format("y")),
        linearity_x=_image(directory / linearity.format("x")),
        linearity_y=_image(directory / linearity.format("y")),
        cube_x=_image(directory / cube.format("x")),
        cube_y=_image(directory / cube.format("y")),
        cube_header=dict(fits.getheader(directory / cube.format("x"))),
        flat=_image(directory / f"{band}_flat.fits"),
        mask=_image(directory / f"{band}_mask.fits"),
        x_offset=x_offset,
        y_offset=y_offset,
    )


def _image(path: Path) -> Floats:
    return np.asarray(fits.getdata(path), np.float64)


def _cube_variant(band: str, eclipse: int, raw_separation: float | None) -> str:
    if band == "FUV" or eclipse <= LAST_PRE_CSP_ECLIPSE:
        return ""
    if raw_separation is None:
        raise ReductionError("the cube of a post-CSP eclipse depends on its raw stim separation")
    if raw_separation < 5136.3:
        return "a"
    return "b" if raw_separation < 5137.25 else "c"


def _offsets(
    directory: Path, band: str, eclipse: int, temperature: float | None
) -> tuple[float, float]:
    if band == "NUV":
        return 0.0, 0.0
    if temperature is None or not 20 < temperature < 40:
        raise ReductionError(f"the FUV detector's temperature is {temperature}")
    x, y = (_coefficient(directory / f"fuv_d{a}_fdttdc_coef_0.tbl", eclipse) for a in "xy")
    return x, y - 0.3597 * (temperature - 29)


def _coefficient(path: Path, eclipse: int) -> float:
    for line in path.read_text().splitlines():
        if line and not line.startswith("|") and float(line.split()[0]) == eclipse:
            return float(line.split()[1])
    raise ReductionError(f"{path.name} has no line for eclipse {eclipse}")
