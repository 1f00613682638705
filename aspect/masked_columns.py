"""Columns of Parquet and FITS, without the values that the file says are not there.

In Parquet astropy writes a masked column as two: the values, with anything where they are masked,
and a column of truth values, ``ra.mask`` beside ``ra``.  In FITS one whole number (TNULL) may stand
for nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

if TYPE_CHECKING:
    from astropy.io import fits


def mask_name(name: str, there: Collection[str]) -> str | None:
    """Return the name of the column that masks another one; None where it is not there."""
    mask = f"{name}.mask"
    return mask if mask in there else None


def read_columns(
    path: Path, names: Sequence[str], *, filters: list[tuple[str, str, Any]] | None = None
) -> pa.Table:
    """Read columns of a Parquet file.

    Parameters
    ----------
    path : Path
        The file.
    names : sequence of str
        Columns that it has.
    filters : list of tuple, optional
        As for `pyarrow.parquet.read_table`; what is masked may pass them.

    Returns
    -------
    pyarrow.Table
        The columns in this order; what is masked is NULL.

    Raises
    ------
    OSError, pyarrow.ArrowException
        If the file cannot be read.
    """
    there = pq.read_schema(path).names
    masks = {name: mask for name in names if (mask := mask_name(name, there)) is not None}
    table = pq.read_table(
        path,
        columns=[*names, *masks.values()],
        filters=filters,
        partitioning=None,  # or a folder called band=NUV would add a column
    )
    return _without_masked(table, masks).select(list(names)) if masks else table


def _without_masked(table: pa.Table, masks: Mapping[str, str]) -> pa.Table:
    import pyarrow.compute as pc  # wraps hundreds of functions when it is loaded

    for name, mask in masks.items():
        masked = pc.fill_null(table[mask].cast(pa.bool_()), False)
        nothing = pa.scalar(None, table.schema.field(name).type)
        shown = pc.if_else(masked, nothing, table[name])
        table = table.set_column(table.schema.get_field_index(name), name, shown)
    return table


def with_gaps(records: "fits.FITS_rec", column: "fits.Column") -> NDArray[Any]:
    """Return a column of a FITS table, with NaN where it is the number that stands for nothing."""
    values = np.array(records[column.name])
    if column.null in (None, "") or values.dtype.kind not in "iu":
        return values
    return np.where(values == int(column.null), np.nan, values)
