"""Many overlapping visits in both bands: the same by SQL, Python and numpy, merged or not.

That of few visits is in test_deep_fields.py and test_compact.py.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from gphoton_db.archive import Archive
from gphoton_db.mission import DEAD_TIME, DETECTOR_CENTRE, ON_DETECTOR_PIXELS, Band
from tests.closed_loop.photometry import distance
from tests.sql.conftest import STAR
from tests.sql.deep_fields import make_deep_field

VISITS = 50
RADIUS, STEP_S = 15.0, 5.0

NAMES = ("counts", "flat_counts", "exposure", "detxs", "racent")

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def apart(sky_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fifty") / "archive"
    make_deep_field(sky_root, root, VISITS)
    return root


@pytest.fixture(scope="module")
def merged(apart: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fifty-merged") / "archive"
    shutil.copytree(apart, root, copy_function=os.link)
    with Archive(root) as archive:
        assert archive.compact().n_legs == 7 * VISITS
    return root


def in_sql(root: Path) -> dict[str, Floats]:
    """Return the light curve by SQL, in the order of eclipse, band, leg and time."""
    statement = (
        f"SELECT eclipse, band, leg, t0, t1, {', '.join(NAMES)} FROM lightcurve({STAR[0]}, "
        f"{STAR[1]}, radius := {RADIUS}, step := {STEP_S}) ORDER BY eclipse, band, leg, t0"
    )
    with Archive(root) as archive:
        table = archive.query(statement).arrow()
    return {name: table[name].to_numpy() for name in table.column_names}


def in_python(root: Path) -> dict[str, Floats]:
    """Return the same by `Archive.lightcurve`."""
    with Archive(root) as archive:
        curve = archive.lightcurve(*STAR, radius=RADIUS, step=STEP_S)
    columns = {name: np.asarray(curve[name]) for name in (*KEYS, *NAMES)}
    order = np.lexsort([columns[name] for name in ("t0", "leg", "band", "eclipse")])
    return {name: values[order] for name, values in columns.items()}


KEYS = ("eclipse", "band", "leg", "t0", "t1")


def in_numpy(root: Path, bins: dict[str, Floats]) -> dict[str, Floats]:
    """Return what the files of each leg have in bins."""
    found = {name: np.full(len(bins["t0"]), np.nan) for name in NAMES}
    keys = np.stack([bins["eclipse"], bins["band"] == "FUV", bins["leg"]], axis=1).astype(int)
    for eclipse, fuv, leg in np.unique(keys, axis=0).tolist():
        rows = np.flatnonzero((keys == (eclipse, fuv, leg)).all(axis=1))
        band = Band.FUV if fuv else Band.NUV
        of_leg = f"band={band}/eclipse={eclipse}/leg={leg}/*.parquet"
        for name, values in _of_leg(root, of_leg, band, bins["t0"][rows], bins["t1"][rows]):
            found[name][rows] = values
    return found


def _of_leg(
    root: Path, files: str, band: Band, t0: Floats, t1: Floats
) -> Iterator[tuple[str, list[float]]]:
    photons, ticks = (
        pa.concat_tables(
            pq.read_table(path, partitioning=None) for path in root.glob(f"{kind}/{files}")
        )
        for kind in ("photons", "ticks")
    )
    p = {name: photons[name].to_numpy() for name in photons.column_names}
    off_axis = np.hypot(p["col"] - DETECTOR_CENTRE, p["row"] - DETECTOR_CENTRE)
    counted = (p["flags"] == 0) & (p["response"] > 0) & (off_axis < ON_DETECTOR_PIXELS)
    counted &= distance(p["ra"], p["dec"], *STAR) < RADIUS
    t, n = ticks["t_ms"].to_numpy(), ticks["unflagged"].to_numpy()
    edges = [(round(a * 1000), round(b * 1000)) for a, b in zip(t0, t1, strict=True)]
    inside = [counted & (p["t_ms"] >= a) & (p["t_ms"] < b) for a, b in edges]
    yield "counts", [each.sum() for each in inside]
    yield "flat_counts", [(1.0 / p["response"][each].astype(float)).sum() for each in inside]
    with np.errstate(invalid="ignore"):
        for name, column in (("detxs", "col"), ("racent", "ra")):
            sums = [p[column][each].astype(float).sum() for each in inside]
            yield name, np.divide(sums, [each.sum() for each in inside]).tolist()
    yield "exposure", [_exposure(t[n > 0], n[n > 0], band, a, b) for a, b in edges]


def _exposure(
    t: NDArray[np.int64], n: NDArray[np.int64], band: Band, start: int, stop: int
) -> float:
    """Return the exposure of a bin: without gaps of 50 ms or more, corrected for dead time."""
    there = (t >= start) & (t < stop)
    gaps = np.diff(np.concatenate([[start], t[there], [stop]]))
    seconds = float(stop - start - gaps[gaps >= 50].sum()) / 1000
    return DEAD_TIME[band].live_seconds(seconds, float(n[there].sum())) if seconds else 0.0


def assert_equal(found: dict[str, Floats], expected: dict[str, Floats]) -> None:
    for name in NAMES:
        np.testing.assert_allclose(
            found[name].astype(float), expected[name].astype(float), rtol=1e-9, err_msg=name
        )


@pytest.mark.deep
def test_sql_python_and_numpy_agree_before_and_after_merging(apart: Path, merged: Path) -> None:
    from_own_files = in_python(apart)
    numpy = in_numpy(apart, from_own_files)
    assert numpy["counts"].sum() > 100 * VISITS
    assert {*np.unique(from_own_files["band"])} == {"NUV", "FUV"}
    assert len(np.unique(from_own_files["eclipse"])) == 2 * VISITS
    for found in (from_own_files, in_sql(apart), in_python(merged), in_sql(merged)):
        for key in KEYS:
            np.testing.assert_array_equal(found[key], from_own_files[key])
        assert_equal(found, numpy)
