"""Arrays in one form, for which a kernel is compiled once."""

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Array = TypeVar("Array", bound=NDArray[Any])


def read_only(array: Array) -> Array:
    """Return the same array, not to be written to.

    For numba an array that may be written to is another type than one that may not, and a kernel
    that is given now one, now the other is compiled twice.
    """
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view  # type: ignore[return-value]
