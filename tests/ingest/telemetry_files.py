"""Small raw6 files, right and wrong in every way."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import ArrayLike, NDArray

from tests.oracle.raw6 import centre_and_scale, read_raw6
from tests.oracle.stims import stim_numbers

ECLIPSE = 23500
T0 = 874_361_240.995


def write_telemetry(
    path: Path,
    t: ArrayLike,
    *,
    header: dict[str, Any] | None = None,
    columns: Sequence[str] = ("phb1", "phb2", "phb3", "phb4", "phb5", "phb6"),
    form: str = "B",
) -> Path:
    """Write a raw6 file, gzipped if its name says so, of events at times `t`, GALEX seconds.

    Parameters
    ----------
    header : dict, optional
        Keywords of the primary header; by default those of NUV, eclipse 23500.
    columns, form
        Names of the packed columns, and their FITS format.
    """
    times = np.asarray(t, np.float64)
    rng = np.random.default_rng(4)
    primary = fits.PrimaryHDU()
    primary.header.update({"ECLIPSE": ECLIPSE, "BAND": 1} if header is None else header)
    table = [fits.Column("t", "D", array=times)]
    packed = rng.integers(0, 255, (len(columns), len(times)))
    table += [fits.Column(name, form, array=v) for name, v in zip(columns, packed, strict=True)]
    fits.HDUList([primary, fits.BinTableHDU.from_columns(table)]).writeto(path)
    return path


def every_5_ms(n: int) -> NDArray[np.float64]:
    """Return n event times, GALEX seconds."""
    return T0 + 0.005 * np.arange(n, dtype=np.float64)


def without_stims(raw6: Path) -> None:
    """Take the stim events out of a raw6 file."""
    raw = read_raw6(raw6)
    photon = stim_numbers(raw, centre_and_scale(raw)) == 0
    with fits.open(raw6, memmap=False) as hdus:
        primary, table = hdus[0].copy(), hdus[1].data[photon]
    fits.HDUList([primary, fits.BinTableHDU(table)]).writeto(raw6, overwrite=True)
