"""Statistics of sources as a table of Arrow, with the columns of `schemas.VARIABLES`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.schemas import LEG, VARIABLES


def variables_table(columns: Mapping[str, Any], n: int) -> pa.Table:
    """Return the table as it is kept: NaN and what is missing is NULL.

    Parameters
    ----------
    columns : mapping of str to arrays or lists
        n values each.
    n : int
        How many sources there are.
    """
    arrays = [_array(columns.get(field.name), field, n) for field in VARIABLES]
    return pa.Table.from_arrays(arrays, schema=VARIABLES)


def with_key(table: pa.Table, leg: LegRecord) -> pa.Table:
    """Return the table with eclipse, band and leg in front, as the view ``variables`` has them."""
    for place, name in enumerate(LEG.names):
        values = pa.array([getattr(leg, name)] * len(table), LEG.field(name).type)
        table = table.add_column(place, LEG.field(name), values)
    return table


def _array(values: Any, field: pa.Field, n: int) -> pa.Array:
    if values is None:
        return pa.nulls(n, field.type)
    if isinstance(values, list):
        return pa.array(values, field.type)
    plain = np.asarray(values)
    missing = ~np.isfinite(plain) if plain.dtype.kind == "f" else None
    if pa.types.is_integer(field.type) and plain.dtype.kind == "f":
        plain = np.rint(np.where(np.isfinite(plain), plain, 0.0)).astype(np.int64)
    return pa.array(plain, mask=missing).cast(field.type)
