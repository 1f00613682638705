"""Columns of Arrow as arrays of numpy: what is in the archive's files, as kernels take it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.kernels.arrays import read_only

if TYPE_CHECKING:
    import pyarrow as pa


def values_of(column: "pa.ChunkedArray") -> NDArray[Any]:
    """Return the values of a column; its own ``to_numpy`` imports pandas.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Of numbers, or of truth values.

    Returns
    -------
    (n,) array
        Of the column's own type.  What is not known is NaN among floating numbers, and False among
        truth values; a column of whole numbers in which something is not known comes as Arrow makes
        it.  It may be a view of Arrow's memory, which is not to be written to.
    """
    if not all(_is_plain(chunk) for chunk in column.chunks):
        return np.asarray(column.to_numpy())
    parts = [_values(chunk) for chunk in column.chunks]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, column.type.to_pandas_dtype())


def _is_plain(array: "pa.Array") -> bool:
    """Return whether an array's values can be taken from its memory."""
    kind = str(array.type)
    if kind in ("float", "double", "bool"):
        return True
    return not array.null_count and kind.startswith(("int", "uint"))


def _values(array: "pa.Array") -> NDArray[Any]:
    known, content = array.buffers()
    n, offset = len(array), array.offset
    if str(array.type) == "bool":
        truth = _bits(content, offset, n)
        return truth & _bits(known, offset, n) if array.null_count else truth
    kind = np.dtype(array.type.to_pandas_dtype())
    values = np.frombuffer(content or b"", kind, n, offset * kind.itemsize if n else 0)
    if not array.null_count:
        return read_only(values)
    values = values.copy()
    values[~_bits(known, offset, n)] = np.nan
    return values


def _bits(content: Any, offset: int, n: int) -> NDArray[np.bool_]:
    packed = np.frombuffer(content or b"", np.uint8)
    return np.unpackbits(packed, count=offset + n, bitorder="little")[offset:].view(np.bool_)
