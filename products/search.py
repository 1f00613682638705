"""What a search for visits found, as an astropy table."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from astropy.table import Column, MaskedColumn, Table

from gphoton_db.products.found_visits import COLUMNS, FoundVisits


def table_of(found: FoundVisits) -> Table:
    """Return what `Archive.search` does: a row for each leg, with units and descriptions."""
    rows = found.known()
    table = Table([_column(name, [row[name] for row in rows]) for name in COLUMNS])
    table.meta = found.meta
    return table


def _column(name: str, values: Sequence[Any]) -> Column:
    """Return a column of the result: what is not known is NaN, empty text, or masked."""
    kind, unit, description = COLUMNS[name]
    dtype = np.int64 if kind is int else kind
    if kind is int and None in values:
        masked = [value is None for value in values]
        known = [value or 0 for value in values]
        return MaskedColumn(known, name, masked, dtype=dtype, description=description)
    return Column(values, name, dtype=dtype, unit=unit, description=description)
