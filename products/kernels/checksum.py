"""The sum that FITS files carry to show that they are whole."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def sum_of_words(words: NDArray[np.uint32], so_far: int) -> int:
    """Add 32-bit words to a ones' complement sum (FITS Standard 4.0, appendix J).

    Parameters
    ----------
    words : (n,) uint32
        The words' values, as big-endian files have them.
    so_far : int
        Sum of what came before, 0 to 2^32 - 1.

    Returns
    -------
    int
        The sum, 0 to 2^32 - 1; carries are added at the low end.
    """
    low = np.uint64(so_far)
    for word in words:
        low += word  # 2^32 words of 32 bits fit into 64
    while low >> np.uint64(32):
        low = (low & np.uint64(0xFFFFFFFF)) + (low >> np.uint64(32))
    return int(low)


@njit(cache=True, nogil=True)
def sum_of_big_endian(data: NDArray[np.uint8], so_far: int) -> int:
    """Add the 32-bit words of bytes, a multiple of four of them; see `sum_of_words`."""
    low = np.uint64(so_far)
    for k in range(0, len(data), 4):
        high = (np.uint64(data[k]) << np.uint64(24)) | (np.uint64(data[k + 1]) << np.uint64(16))
        low += high | (np.uint64(data[k + 2]) << np.uint64(8)) | np.uint64(data[k + 3])
    while low >> np.uint64(32):
        low = (low & np.uint64(0xFFFFFFFF)) + (low >> np.uint64(32))
    return int(low)
