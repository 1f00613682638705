"""Each detector step against the oracle's, with random tables: on them, beside them, at edges."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from gphoton_db.ingest.kernels.detector import (
    CubePlacement,
    DetectorTables,
    distortion,
    linearity,
    to_detector_sky,
    walk,
    wiggle,
)
from gphoton_db.mission import ARCSEC_PER_MICRON, Flag
from tests.oracle import detector as oracle
from tests.oracle.calibration import Calibration
from tests.oracle.rules import OURS

Floats = NDArray[np.float64]

N = 4_000
RNG = np.random.default_rng(11)
CUBE = {"NAXIS1": 170, "NAXIS2": 160, "NAXIS3": 17, "DC_X0": -2000.0, "DC_DX": 25.0}
CUBE |= {"DC_Y0": -1900.0, "DC_DY": 24.0, "DC_D0": 5080.0, "DC_DD": 3.0}


def random_table(*shape: int) -> Floats:
    """Return random values that float32 holds exactly, as the files do."""
    return RNG.uniform(-20, 20, shape).astype(np.float32).astype(np.float64)


@dataclass(frozen=True)
class Tables:
    """The same tables for the kernels and for the oracle."""

    ours: DetectorTables
    theirs: Calibration


@pytest.fixture(scope="module")
def tables() -> Tables:
    walk_x, walk_y = random_table(32, 480, 480), random_table(32, 480, 480)
    for one in (walk_x, walk_y):
        one[RNG.random(one.shape) < 0.02] = -999
    wiggles = random_table(32, 480), random_table(32, 480)
    linearities = random_table(480, 480), random_table(480, 480)
    cubes = random_table(17, 160, 170), random_table(17, 160, 170)
    flat = np.ones((800, 800))
    pairs = (*wiggles, walk_x, walk_y, *linearities, *cubes)
    theirs = Calibration(*pairs, CUBE, flat, flat, 0.7, -0.4)

    def both(pair: tuple[Floats, Floats]) -> NDArray[np.float32]:
        return np.stack(pair, axis=-1).astype(np.float32)

    ours = DetectorTables(
        wiggles[0].astype(np.float32),
        wiggles[1].astype(np.float32),
        both((walk_x, walk_y)),
        both(linearities),
        both(cubes),
        CubePlacement(-2000.0, 25.0, -1900.0, 24.0, 5080.0, 3.0, 1000.0, 5100.0, 0.05, 0.7, -0.4),
        1.0,
    )
    return Tables(ours, theirs)


def places() -> tuple[Floats, Floats]:
    """Return x and y (arcsec) all over the tables and beyond, and close to their edges."""
    x, y = RNG.uniform(-2_700, 2_700, (2, N))
    edges = np.array([-2400, 2390, -2399.8, 2390.2, -2000, -2025, 2250, -1900, -1924, 1940])
    x[: N // 4] = RNG.choice(edges, N // 4) + RNG.choice([-0.01, 0.01], N // 4)
    y[N // 8 : N // 2] = RNG.choice(edges, N // 2 - N // 8) + RNG.choice(
        [-0.01, 0.01], N // 2 - N // 8
    )
    return x, y


def flags_before() -> NDArray[np.uint8]:
    return np.where(RNG.random(N) < 0.1, Flag.WIGGLE, Flag.GOOD).astype(np.uint8)


def agree(found: tuple[Floats, ...], expected: tuple[Floats, ...]) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_wiggle(tables: Tables) -> None:
    x, y = (v / ARCSEC_PER_MICRON for v in places())
    xa, ya = RNG.integers(0, 32, (2, N))
    *moved, expected = oracle.wiggle(x, y, xa, ya, np.zeros(N, np.int64), tables.theirs)
    flag, (xa8, ya8) = np.zeros(N, np.uint8), (v.astype(np.uint8) for v in (xa, ya))
    wiggle(x, y, xa8, ya8, flag, tables.ours.wiggle_x, tables.ours.wiggle_y)
    agree((x, y), tuple(moved))
    assert np.array_equal(flag, expected)
    assert set(flag) == {Flag.GOOD, Flag.WIGGLE}


def test_walk(tables: Tables) -> None:
    x, y = (v / ARCSEC_PER_MICRON for v in places())
    q, flag = RNG.integers(0, 32, N), flags_before()
    before = flag.astype(np.int64)
    *moved, expected = oracle.walk(x, y, q, before, tables.theirs, rules=OURS)
    walk(x, y, q.astype(np.uint8), flag, tables.ours.walk_shifts)
    agree((x, y), tuple(moved))
    assert np.array_equal(flag, expected)
    assert set(flag) == {Flag.GOOD, Flag.WALK}


def test_linearity(tables: Tables) -> None:
    (x, y), flag = places(), flags_before()
    *shifts, expected = oracle.linearity(x, y, flag.astype(np.int64), tables.theirs)
    dx, dy = np.zeros(N), np.zeros(N)
    linearity(x, y, flag, tables.ours.linearity_shifts, dx, dy)
    agree((dx, dy), tuple(shifts))
    assert np.array_equal(flag, expected)
    assert set(flag) == {Flag.GOOD, Flag.LINEARITY}


def test_distortion(tables: Tables) -> None:
    (x, y), flag = places(), flags_before()
    t_ms = np.sort(RNG.integers(700_000, 1_550_000, N))
    cube = tables.ours.cube
    separation = cube.separation + cube.slope * (t_ms / 1000 - cube.time)
    before = flag.astype(np.int64)
    *shifts, expected = oracle.distortion(x, y, separation, before, tables.theirs, rules=OURS)
    dx, dy = np.zeros(N), np.zeros(N)
    distortion(x, y, t_ms, flag, tables.ours.distortion_shifts, cube, dx, dy)
    agree((dx, dy), tuple(shifts))
    assert np.array_equal(flag, expected)
    assert set(flag) == {Flag.GOOD, Flag.DISTORTION}


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_detector_pixels(sign: float) -> None:
    pixel = np.array([-0.5, 0.01, 400.0, 798.99, 799.01, 799.99])
    # 0.625 deg are 400 pixels, times the factor F of 0.9375 (spec-detector-sky): 6 arcsec each.
    arcsec = (pixel - 400) * 6.0
    x, y, none = sign * arcsec, np.zeros(6), np.zeros(6)
    flag = np.zeros(6, np.uint8)
    flag[2] = Flag.WALK
    col, row = to_detector_sky(x, y, none, none, sign, flag)
    np.testing.assert_allclose(col, pixel, atol=1e-3)
    np.testing.assert_allclose(row, 400)
    np.testing.assert_allclose(x, 10 * arcsec)
    assert flag.tolist() == [6, 0, 6, 0, 6, 6]
