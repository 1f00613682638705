"""Light curves of flares, made up or of GJ 65."""

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.mission import Band

Columns = dict[str, NDArray[np.generic]]

COLUMNS = ("t0", "t1", "cps", "cps_err", "counts", "exptime")


def gj65() -> Path:
    """Return the folder with the published light curves; skips without it."""
    path = Path(__file__).resolve().parents[4] / "shared" / "real" / "gj65"
    if not path.is_dir():
        pytest.skip("needs ../shared/real")
    return path


def rows_in(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_curve(*files: tuple[Band, Path]) -> Columns:
    """Return the columns of files of one visit, one a band."""
    parts = [(str(band), row) for band, path in files for row in rows_in(path)]
    columns: Columns = {"band": np.array([band for band, _ in parts])}
    for name in COLUMNS:
        columns[name] = np.array([float(row[name]) for _, row in parts])
    return columns


def made_up(rate: NDArray[np.float64], *, step: float = 30.0, seed: int = 1) -> Columns:
    """Return a light curve with these true rates, and photons drawn from them."""
    counts = np.random.default_rng(seed).poisson(rate * step).astype(float)
    t0 = 8.0e8 + step * np.arange(len(rate))
    return {
        "band": np.full(len(rate), "NUV"),
        "t0": t0,
        "t1": t0 + step,
        "cps": counts / step,
        "cps_err": np.sqrt(counts) / step,
        "counts": counts,
        "exptime": np.full(len(rate), step),
    }
