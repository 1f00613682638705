"""Photons grouped by frame and added up in pixels, against numpy."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gphoton_db.kernels.arrays import read_only
from gphoton_db.products.kernels.frames import add_up, group_by_frame
from gphoton_db.products.kernels.placing import PlacedPhotons
from tests.examples import examples

N_X, N_Y = 7, 5


@settings(max_examples=examples(20), deadline=None)
@given(
    n=st.integers(0, 300),
    n_frames=st.integers(1, 12),
    depth=st.integers(1, 50),
    seed=st.integers(0, 2**32 - 1),
)
def test_frames_hold_each_photon_within_once(n: int, n_frames: int, depth: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    t_ms = read_only(rng.integers(-20, 200, n))
    kept = np.flatnonzero(rng.random(n) < 0.8).astype(np.int32)
    pixel = rng.integers(-1, N_X * N_Y, len(kept))
    weight, bits = rng.uniform(0.5, 2.0, len(kept)), rng.integers(0, 16, len(kept)).astype(np.uint8)
    placed = PlacedPhotons(pixel, weight, bits, kept)

    grouped = group_by_frame(placed, t_ms, 0, depth, n_frames)

    frame = np.where(pixel >= 0, t_ms[kept] // depth, -1)
    for k in range(n_frames):
        chosen = frame == k
        segment = np.array([[grouped[3][k], grouped[3][k + 1]]])
        found, count, flag = add_up(*grouped[:3], segment, N_X, N_Y)
        expected = np.unique(pixel[chosen])
        assert found.tolist() == expected.tolist()
        total = np.bincount(pixel[chosen], weight[chosen], N_X * N_Y)
        np.testing.assert_allclose(count, total[expected], rtol=1e-6)
        either = np.zeros(N_X * N_Y, np.uint8)
        np.bitwise_or.at(either, pixel[chosen], bits[chosen])
        assert flag.tolist() == either[expected].tolist()
