"""A complete, made-up calibration directory in the mission's own layout.

The values are smooth and have nothing to do with GALEX's, but every table does something: it
bends, shifts or flags.  Shapes, types, file names and the headers that a reduction needs are
those of the mission's files.  About 157 MB: write it once a test session.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.mission import Band

Image = NDArray[np.float32]

CUBE_HEADER = {
    "DC_X0": -2400.0,
    "DC_DX": 20.0,
    "DC_Y0": -2400.0,
    "DC_DY": 20.0,
    "DC_D0": 5080.0,
    "DC_DD": 3.0,
}
WALK_RADIUS_CELLS = 237
DEAD_PIXELS = (slice(300, 303), slice(500, 503))
"""Where the made-up flats are 0."""
HOTSPOTS = ((250, 330, 6), (520, 470, 9), (410, 610, 5))
"""Column, row and radius of the hotspots in the made-up masks, detector pixels."""
POST_CSP_BINS = (-2000, 40)
"""Y_AS_0 and Y_AS_INC of the post-CSP tables, arcsec."""


def write_synthetic_calibration(directory: Path, *, bands: Iterable[Band] = tuple(Band)) -> Path:
    """Write the whole set for `bands` and return `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    for band in bands:
        tables = {
            f"{band}_wiggle_{{}}.fits": _wiggle(band),
            f"{band}_walk_{{}}.fits": _walk(band),
            f"{band}_NLC_{{}}_det2sky.fits": _linearity(band),
        }
        for name, pair in tables.items():
            for axis, data in zip("xy", pair, strict=True):
                fits.PrimaryHDU(data).writeto(directory / name.format(axis))
        fits.PrimaryHDU(_flat(band)).writeto(directory / f"{band}_flat.fits")
        fits.PrimaryHDU(_mask(band)).writeto(directory / f"{band}_mask.fits")
        _write_cubes(directory, band)
        if band is Band.FUV:
            _write_offsets(directory)
        else:
            _write_post_csp(directory)
    return directory


def _pair(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Image, Image]:
    return x.astype(np.float32), y.astype(np.float32)


def _wiggle(band: Band) -> tuple[Image, Image]:
    """(32, 480) of phase and position, 0.1 arcsec."""
    phase, f = 2 * np.pi * np.arange(32)[:, None] / 32, np.arange(480)[None, :]
    size = 1.0 if band is Band.NUV else 0.6
    return _pair(
        size * 11 * np.sin(phase) * np.cos(f / 19) + 2 * np.cos(f / 31),
        size * 14 * np.cos(phase + 0.4) * np.sin(f / 23) + 1,
    )


def _walk(band: Band) -> tuple[Image, Image]:
    """(32, 480, 480) of pulse height, y, x, microns; -999 beyond the active area."""
    y, x = np.mgrid[0:480, 0:480].astype(np.float32)
    size = 1.0 if band is Band.NUV else 0.7
    height = ((np.arange(32) - 13) / 16).astype(np.float32)[:, None, None]
    walk_x = height * (size * (32 * np.cos(x / 43) * np.sin(y / 61) + 12))
    walk_y = height * (size * (28 * np.sin(x / 39) * np.cos(y / 57) - 9))
    beyond = np.hypot(x - 240, y - 240) > WALK_RADIUS_CELLS
    walk_x[:, beyond] = walk_y[:, beyond] = -999
    return walk_x, walk_y


def _linearity(band: Band) -> tuple[Image, Image]:
    """(480, 480) of y, x, arcsec."""
    y, x = np.mgrid[0:480, 0:480] - 240.0
    offset = 0.0 if band is Band.NUV else -20.0
    return _pair(
        offset + 7 * np.sin(x / 90) * np.cos(y / 130) + 0.02 * x,
        9 * np.cos(x / 110) * np.sin(y / 100) - 0.015 * y,
    )


def _cube(band: Band, variant: str) -> tuple[Image, Image]:
    """(17, 240, 240) of stim separation, y, x, in 1.5-arcsec pixels."""
    turn = {"": 0.0, "a": 0.7, "b": 1.4, "c": 2.1}[variant] + (0.3 if band is Band.FUV else 0.0)
    depth, y, x = np.mgrid[0:17, 0:240, 0:240]
    return _pair(
        0.9 * np.cos(x / 45 + turn) * np.sin(y / 60) + 0.04 * (depth - 8),
        0.8 * np.sin(x / 55) * np.cos(y / 40 + turn) - 0.03 * (depth - 8),
    )


def _write_cubes(directory: Path, band: Band) -> None:
    for variant in ("", "a", "b", "c") if band is Band.NUV else ("",):
        for axis, data in zip("xy", _cube(band, variant), strict=True):
            hdu = fits.PrimaryHDU(data)
            hdu.header.update(CUBE_HEADER)
            name = f"{band.value.lower()}_distortion_cube_d{axis}{variant}.fits"
            hdu.writeto(directory / name)


def _flat(band: Band) -> Image:
    """(800, 800) of column, row: relative response with structure, 0 at the rim and on dead pixels.

    The first array axis is the detector column, as part 6 of the specification indexes it.
    """
    col, row = np.mgrid[0:800, 0:800]
    radius = np.hypot(col - 400, row - 400)
    flat = 0.95 + 0.06 * np.sin(col / 60) * np.cos(row / 45) - 0.1 * (radius / 400) ** 4
    flat *= 1.0 if band is Band.NUV else 0.9
    flat[radius > 399] = 0
    flat[DEAD_PIXELS] = 0
    return np.asarray(flat, np.float32)


def _mask(band: Band) -> Image:
    """(800, 800) of column, row: 0 on a hotspot, 1 elsewhere."""
    col, row = np.mgrid[0:800, 0:800]
    mask = np.ones((800, 800), np.float32)
    shift = 0 if band is Band.NUV else 40
    for c, r, radius in HOTSPOTS:
        mask[np.hypot(col - c - shift, row - r) <= radius] = 0
    return mask


def _write_offsets(directory: Path) -> None:
    eclipse = np.arange(1.0, 50000.0)
    for axis, coefficient in (
        ("x", 1.5 * np.sin(eclipse / 9000)),
        ("y", 0.3 - 2.0 * np.cos(eclipse / 11000)),
    ):
        lines = [f"{e:9.1f} {c:8.5f} \n" for e, c in zip(eclipse, coefficient, strict=True)]
        path = directory / f"fuv_d{axis}_fdttdc_coef_0.tbl"
        path.write_text("| ecl    | coef_0 |\n" + "".join(lines))


def _write_post_csp(directory: Path) -> None:
    bins, yb = np.arange(6, 93), np.arange(2, 5)
    ya, b, xb, yy = _listed(np.arange(32), yb, np.arange(1, 7), bins)
    ycor = 1.4 * np.sin(2 * np.pi * ya / 32) * np.cos(yy / 11) + 0.1 * (xb - 3) + 0.05 * b
    _write_table(directory, "WIG2", {"YA": ya, "YB": b, "XB": xb, "yy": yy}, ycor)
    q, b, yy = _listed(np.arange(29), yb, bins)
    _write_table(directory, "WLK2", {"Q": q, "YB": b, "yy": yy}, 0.05 * (q - 14) * np.sin(yy / 17))
    b, yy = _listed(yb, bins)
    _write_table(directory, "CLK2", {"YB": b, "yy": yy}, 0.8 * np.cos(yy / 13) * (b - 3.2))


def _listed(*axes: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the columns of a table that lists every combination of `axes`."""
    return [grid.ravel() for grid in np.meshgrid(*axes, indexing="ij")]


def _write_table(
    directory: Path, name: str, keys: dict[str, NDArray[np.int64]], ycor: NDArray[Any]
) -> None:
    columns = [fits.Column(key, "1I", array=values, unit="number") for key, values in keys.items()]
    columns.append(fits.Column("ycor", "1D", array=ycor, unit="arcseconds"))
    primary = fits.PrimaryHDU()
    primary.header["Y_AS_0"], primary.header["Y_AS_INC"] = POST_CSP_BINS
    table = fits.BinTableHDU.from_columns(columns, name=f"GALEX_{name}_Calibration_Data")
    fits.HDUList([primary, table]).writeto(directory / f"{name}_Sep2010.fits")
