import numpy as np
import pytest

from gphoton_db.ingest.kernels.post_csp import LinearCorrections, correct_post_csp
from gphoton_db.mission import ARCSEC_PER_MICRON

BINS = (-2000.0, 40.0, -2040.0, 50.0, -2000.0, 80.0)
"""Start and width of the y bins of WIG2, WLK2 and CLK2, arcsec."""


@pytest.mark.parametrize(
    ("y_arcsec", "whole"),
    [
        (0.3, 0),
        (-0.9, 0),
        (39.99, 39),
        (40.01, 40),
        (1999.5, 1999),
        (-1999.5, -1999),
        (2000.5, None),
        (-2000.5, None),
    ],
)
def test_every_correction_of_y_is_taken_from_its_own_cell(
    y_arcsec: float, whole: int | None
) -> None:
    rng = np.random.default_rng(8)
    wig2 = rng.uniform(-2, 2, (101, 8, 32, 8)).astype(np.float32)
    wlk2 = rng.uniform(-2, 2, (101, 8, 32)).astype(np.float32)
    clk2 = rng.uniform(-2, 2, (101, 8)).astype(np.float32)
    yac = rng.uniform(-9, 9, (32, 8))
    xb, yb, ya, q = 3, 4, 29, 17
    x_scale, x_shift, y_scale, y_shift = 1.01, 12.0, 0.98, -30.0
    corrections = LinearCorrections(True, x_scale, x_shift, y_scale, y_shift, *BINS)
    wanted = y_arcsec / ARCSEC_PER_MICRON
    x, y = np.array([500.0]), np.array([(wanted - y_shift + yac[ya, yb]) / y_scale])
    xb8, yb8, ya8, q8 = (np.array([v], np.uint8) for v in (xb, yb, ya, q))
    correct_post_csp(x, y, xb8, yb8, ya8, q8, corrections, yac, wig2, wlk2, clk2)
    shift = 0.0
    if whole is not None:
        i, j, m = (int((whole - BINS[k]) / BINS[k + 1]) for k in (0, 2, 4))
        shift = float(wig2[i, yb, ya, xb] + wlk2[j, yb, q] + clk2[m, yb])
    assert x[0] == pytest.approx(517.0)
    # The tables are float32: their sum is good to 1e-6 arcsec.
    assert y[0] * ARCSEC_PER_MICRON == pytest.approx(y_arcsec + shift, abs=1e-6)
