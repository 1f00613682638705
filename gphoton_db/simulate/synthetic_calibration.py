"""A complete, made-up calibration directory in the mission's own layout.

The values are smooth and have nothing to do with GALEX's, but every table does something: it
bends, shifts or flags.  Shapes, types, file names and the headers that a reduction needs are
those of the mission's files.  Every file says that it is synthetic.  About 157 MB, 2 s.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.calibration.identity import SYNTHETIC_CARD, SYNTHETIC_KEYWORD, beginning
from gphoton_db.errors import CalibrationError
from gphoton_db.mission import Band

Image = NDArray[np.float32]
Content: TypeAlias = "fits.HDUList | str"
"""Of a FITS file, or of a text table."""

NOTE = "Made-up values, not GALEX's (gphoton_db.simulate, recipe 1)."
"""Stands in every file; count the recipe up whenever a value changes."""

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
POST_CSP_BINS = {"Y_AS_0": -2000, "Y_AS_INC": 40}
"""Start and width of the bins of the post-CSP tables, arcsec."""


def write_synthetic_calibration(directory: Path, *, bands: Iterable[Band] = tuple(Band)) -> Path:
    """Write the whole set for `bands` and return `directory`.

    Files that are there already are kept, if this recipe made them.  A file appears under its
    name once it is complete, so a set that was broken off is finished by the next call.

    Raises
    ------
    CalibrationError
        If one of the files is there already and is not a made-up one.
    OSError
        If the folder cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    wanted = {names: make for band in bands for names, make in _contents(band).items()}
    missing = [names for names in wanted if not all(_is_there(directory / name) for name in names)]
    if missing:
        with TemporaryDirectory(prefix=".unfinished-", dir=directory) as unfinished:
            for names in missing:
                for name, content in zip(names, wanted[names](), strict=True):
                    _write(content, Path(unfinished) / name)
                    (Path(unfinished) / name).replace(directory / name)
    return directory


def _is_there(path: Path) -> bool:
    """Return whether a file of this very recipe is there."""
    if not path.exists():
        return False
    first = beginning(path)
    if SYNTHETIC_CARD not in first:
        raise CalibrationError(
            f"{path} is there already and is not made up: the synthetic calibration never "
            "replaces another, so choose another folder for it"
        )
    return NOTE in first


def _contents(band: Band) -> dict[tuple[str, ...], Callable[[], tuple[Content, ...]]]:
    """Return what makes the files of a band, by the names of those that it makes together."""
    made: dict[tuple[str, ...], Callable[[], tuple[Content, ...]]] = {
        _names(f"{band}_wiggle_{{}}.fits"): lambda: _images(*_wiggle(band)),
        _names(f"{band}_walk_{{}}.fits"): lambda: _images(*_walk(band)),
        _names(f"{band}_NLC_{{}}_det2sky.fits"): lambda: _images(*_linearity(band)),
        (f"{band}_flat.fits", f"{band}_mask.fits"): lambda: _images(_flat(band), _mask(band)),
    }
    for variant in ("", "a", "b", "c") if band is Band.NUV else ("",):
        names = _names(f"{band.value.lower()}_distortion_cube_d{{}}{variant}.fits")
        made[names] = partial(_cube_images, band, variant)
    if band is Band.FUV:
        made[_names("fuv_d{}_fdttdc_coef_0.tbl")] = _offsets
    else:
        made[tuple(f"{name}_Sep2010.fits" for name in ("WIG2", "WLK2", "CLK2"))] = _post_csp
    return made


def _names(pattern: str) -> tuple[str, str]:
    return pattern.format("x"), pattern.format("y")


def _primary(data: Image | None, header: Mapping[str, float]) -> fits.PrimaryHDU:
    hdu = fits.PrimaryHDU(data)
    keyword, value = SYNTHETIC_KEYWORD
    hdu.header[keyword] = value
    hdu.header["COMMENT"] = NOTE
    hdu.header.update(header)
    return hdu


def _images(*tables: Image, header: Mapping[str, float] | None = None) -> tuple[Content, ...]:
    return tuple(fits.HDUList([_primary(data, header or {})]) for data in tables)


def _write(content: Content, path: Path) -> None:
    if isinstance(content, str):
        path.write_text(content, encoding="ascii")
    else:
        content.writeto(path)


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
    x = np.arange(480, dtype=np.float32)[None, :]
    y = np.arange(480, dtype=np.float32)[:, None]
    size = 1.0 if band is Band.NUV else 0.7
    height = ((np.arange(32) - 13) / 16).astype(np.float32)[:, None, None]
    walk_x = np.asarray(height * (size * (32 * np.cos(x / 43) * np.sin(y / 61) + 12)), np.float32)
    walk_y = np.asarray(height * (size * (28 * np.sin(x / 39) * np.cos(y / 57) - 9)), np.float32)
    beyond = np.hypot(x - 240, y - 240) > WALK_RADIUS_CELLS
    walk_x[:, beyond] = walk_y[:, beyond] = -999
    return walk_x, walk_y


def _linearity(band: Band) -> tuple[Image, Image]:
    """(480, 480) of y, x, arcsec."""
    y, x = (axis - 240.0 for axis in np.ogrid[0:480, 0:480])
    offset = 0.0 if band is Band.NUV else -20.0
    return _pair(
        offset + 7 * np.sin(x / 90) * np.cos(y / 130) + 0.02 * x,
        9 * np.cos(x / 110) * np.sin(y / 100) - 0.015 * y,
    )


def _cube(band: Band, variant: str) -> tuple[Image, Image]:
    """(17, 240, 240) of stim separation, y, x, in 1.5-arcsec pixels."""
    turn = {"": 0.0, "a": 0.7, "b": 1.4, "c": 2.1}[variant] + (0.3 if band is Band.FUV else 0.0)
    depth, y, x = np.ogrid[0:17, 0:240, 0:240]
    return _pair(
        0.9 * np.cos(x / 45 + turn) * np.sin(y / 60) + 0.04 * (depth - 8),
        0.8 * np.sin(x / 55) * np.cos(y / 40 + turn) - 0.03 * (depth - 8),
    )


def _cube_images(band: Band, variant: str) -> tuple[Content, ...]:
    return _images(*_cube(band, variant), header=CUBE_HEADER)


def _flat(band: Band) -> Image:
    """(800, 800) of column, row: relative response with structure, 0 at the rim and on dead pixels.

    The first array axis is the detector column: docs/specification.md, spec-response.
    """
    col, row = np.ogrid[0:800, 0:800]
    radius = np.hypot(col - 400, row - 400)
    flat = 0.95 + 0.06 * np.sin(col / 60) * np.cos(row / 45) - 0.1 * (radius / 400) ** 4
    flat *= 1.0 if band is Band.NUV else 0.9
    flat[radius > 399] = 0
    flat[DEAD_PIXELS] = 0
    return np.asarray(flat, np.float32)


def _mask(band: Band) -> Image:
    """(800, 800) of column, row: 0 on a hotspot, 1 elsewhere."""
    col, row = np.ogrid[0:800, 0:800]
    mask = np.ones((800, 800), np.float32)
    shift = 0 if band is Band.NUV else 40
    for c, r, radius in HOTSPOTS:
        mask[np.hypot(col - c - shift, row - r) <= radius] = 0
    return mask


def _offsets() -> tuple[Content, ...]:
    """Return the two text tables of eclipse and coefficient, arcsec."""
    eclipse = np.arange(1.0, 50000.0)
    # The rows stay on the lines on which the mission's files have them.
    heading = f"| ecl    | coef_0 | {SYNTHETIC_CARD} {NOTE}\n"
    texts = []
    for coefficient in (1.5 * np.sin(eclipse / 9000), 0.3 - 2.0 * np.cos(eclipse / 11000)):
        rows = zip(eclipse.tolist(), coefficient.tolist(), strict=True)
        texts.append(heading + "".join([f"{e:9.1f} {c:8.5f} \n" for e, c in rows]))
    return tuple(texts)


def _post_csp() -> tuple[Content, ...]:
    """Return WIG2, WLK2 and CLK2."""
    bins, yb = np.arange(6, 93), np.arange(2, 5)
    ya, b, xb, yy = _listed(np.arange(32), yb, np.arange(1, 7), bins)
    ycor = 1.4 * np.sin(2 * np.pi * ya / 32) * np.cos(yy / 11) + 0.1 * (xb - 3) + 0.05 * b
    wig2 = _table("WIG2", {"YA": ya, "YB": b, "XB": xb, "yy": yy}, ycor)
    q, b, yy = _listed(np.arange(29), yb, bins)
    wlk2 = _table("WLK2", {"Q": q, "YB": b, "yy": yy}, 0.05 * (q - 14) * np.sin(yy / 17))
    b, yy = _listed(yb, bins)
    return wig2, wlk2, _table("CLK2", {"YB": b, "yy": yy}, 0.8 * np.cos(yy / 13) * (b - 3.2))


def _listed(*axes: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the columns of a table that lists every combination of `axes`."""
    return [grid.ravel() for grid in np.meshgrid(*axes, indexing="ij")]


def _table(name: str, keys: dict[str, NDArray[np.int64]], ycor: NDArray[Any]) -> Content:
    columns = [fits.Column(key, "1I", array=values, unit="number") for key, values in keys.items()]
    columns.append(fits.Column("ycor", "1D", array=ycor, unit="arcseconds"))
    table = fits.BinTableHDU.from_columns(columns, name=f"GALEX_{name}_Calibration_Data")
    return fits.HDUList([_primary(None, POST_CSP_BINS), table])
