"""Photons of a movie: grouped by frame, and added up in pixels one frame at a time."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gphoton_db.products.kernels.placing import PlacedPhotons


@njit(cache=True, nogil=True, error_model="numpy")
def group_by_frame(
    placed: PlacedPhotons, t_ms: NDArray[np.int64], start_ms: int, depth_ms: int, n_frames: int
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.uint8], NDArray[np.int64]]:
    """Return photons in the order of their frames, keeping their order within each.

    Parameters
    ----------
    placed : PlacedPhotons
        Photons on the detector; those outside of the image or of all frames are left out.
    t_ms : (n,) int64
        Times of the batch that `placed` is of, GALEX ms.
    start_ms, depth_ms, n_frames : int
        Start of the first frame (GALEX ms), length of each (ms), and their number.

    Returns
    -------
    pixel, weight, bits : (m,) int32, float32, uint8
        Pixel in the flattened image, weight, and flag bits of each photon.
    start : (n_frames + 1,) int64
        Where each frame's photons start, and where the last frame's end.
    """
    start = np.zeros(n_frames + 1, np.int64)
    frame = np.empty(len(placed.pixel), np.int32)
    for k in range(len(frame)):
        f = (t_ms[placed.row[k]] - start_ms) // depth_ms
        frame[k] = f if placed.pixel[k] >= 0 and 0 <= f < n_frames else -1
        if frame[k] >= 0:
            start[frame[k] + 1] += 1
    for f in range(n_frames):
        start[f + 1] += start[f]
    place = start[:n_frames].copy()
    pixel = np.empty(start[n_frames], np.int32)
    weight = np.empty(start[n_frames], np.float32)
    bits = np.empty(start[n_frames], np.uint8)
    for k in range(len(frame)):
        f = frame[k]
        if f >= 0:
            pixel[place[f]] = placed.pixel[k]
            weight[place[f]] = placed.weight[k]
            bits[place[f]] = placed.bits[k]
            place[f] += 1
    return pixel, weight, bits, start


@njit(cache=True, nogil=True, error_model="numpy")
def add_up(
    pixel: NDArray[np.int32],
    weight: NDArray[np.float32],
    bits: NDArray[np.uint8],
    segments: NDArray[np.int64],
    n_x: int,
    n_y: int,
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.uint8]]:
    """Add up the photons of one frame in its pixels.

    Parameters
    ----------
    pixel, weight, bits : (n,) int32, float32, uint8
        Photons of all frames, as `group_by_frame` left them.
    segments : (m, 2) int64
        Where the frame's photons start and stop.
    n_x, n_y : int
        Pixels along the image's axes; x runs fastest.

    Returns
    -------
    pixel : (p,) int32
        The pixels that have photons, rising.
    count : (p,) float32
        Sums of their photons' weights.
    flag : (p,) uint8
        Bits that any of their photons has.
    """
    n = int(np.int64(0))  # for numba, 0 is a type of its own, and the next function compiled twice
    for s in range(len(segments)):
        n += segments[s, 1] - segments[s, 0]
    order = _in_pixel_order(pixel, segments, n, n_x, n_y)
    found = np.empty(n, np.int32)
    count = np.empty(n, np.float32)
    flag = np.empty(n, np.uint8)
    p = -1
    total = 0.0
    for k in order:
        if p < 0 or pixel[k] != found[p]:
            p += 1
            found[p] = pixel[k]
            flag[p] = 0
            total = 0.0
        total += weight[k]
        count[p] = total
        flag[p] |= bits[k]
    return found[: p + 1].copy(), count[: p + 1].copy(), flag[: p + 1].copy()


@njit(cache=True, nogil=True, error_model="numpy")
def _in_pixel_order(
    pixel: NDArray[np.int32], segments: NDArray[np.int64], n: int, n_x: int, n_y: int
) -> NDArray[np.int32]:
    """Return the positions of a frame's photons by pixel: by column first, then stably by row."""
    in_column = np.zeros(n_x + 1, np.int64)
    in_row = np.zeros(n_y + 1, np.int64)
    for s in range(len(segments)):
        for k in range(segments[s, 0], segments[s, 1]):
            in_column[pixel[k] % n_x + 1] += 1
            in_row[pixel[k] // n_x + 1] += 1
    for x in range(n_x):
        in_column[x + 1] += in_column[x]
    for y in range(n_y):
        in_row[y + 1] += in_row[y]
    by_column = np.empty(n, np.int32)
    for s in range(len(segments)):
        for k in range(segments[s, 0], segments[s, 1]):
            x = pixel[k] % n_x
            by_column[in_column[x]] = k
            in_column[x] += 1
    order = np.empty(n, np.int32)
    for k in range(n):
        y = pixel[by_column[k]] // n_x
        order[in_row[y]] = by_column[k]
        in_row[y] += 1
    return order
