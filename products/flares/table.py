"""The table of flares: columns, units, and how it becomes that of the archive."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from astropy.table import QTable
from astropy.units import Quantity

from gphoton_db.schemas import FLARES

UNITS = {
    **dict.fromkeys(("ra", "dec"), "deg"),
    "radius": "arcsec",
    **dict.fromkeys(
        ("t0", "t_peak", "t1", "step", "exposure", "missing", "template_t_peak"),
        "s",
    ),
    **dict.fromkeys(("template_t_peak_err", "template_fwhm", "template_fwhm_err"), "s"),
    **dict.fromkeys(
        ("quiescence", "quiescence_err", "peak_cps", "peak_cps_err", "template_peak"), "ct / s"
    ),
    "template_peak_err": "ct / s",
    **dict.fromkeys(("excess", "excess_err"), "ct"),
    **dict.fromkeys(
        ("fluence", "fluence_err", "template_fluence", "template_fluence_err"), "erg / cm2"
    ),
    **dict.fromkeys(("distance", "distance_err"), "pc"),
    **dict.fromkeys(("energy", "energy_err"), "erg"),
    **dict.fromkeys(("temperature", "temperature_err"), "K"),
    "aperture_correction": "mag",
}
"""Units of the columns that have one."""

_KINDS: Mapping[pa.DataType, Any] = {
    pa.string(): "U1",
    pa.int32(): np.int64,
    pa.bool_(): bool,
    pa.float64(): np.float64,
}


def flares_table(rows: Sequence[Mapping[str, Any]], meta: Mapping[str, Any]) -> QTable:
    """Return rows as a table with units; unknown numbers are NaN, unknown names empty.

    ``template_dof`` is -1 where there is no template.
    """
    table = QTable(meta=dict(meta))
    for field in FLARES:
        values = [row[field.name] for row in rows]
        if field.type == pa.int32():
            values = [-1 if value is None else value for value in values]
        if field.type == pa.string():
            column = np.array([value or "" for value in values], str)
        else:
            column = np.array(values, _KINDS[field.type])
        unit = UNITS.get(field.name)
        table[field.name] = Quantity(column, unit, copy=False) if unit else column
    return table


def archive_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return rows as the archive keeps them: what is unknown is NULL."""
    columns = {}
    for field in FLARES:
        values = [row[field.name] for row in rows]
        if field.type == pa.float64():
            values = [None if value is None or np.isnan(value) else value for value in values]
        elif field.name in ("eclipse", "leg", "template_dof"):
            values = [None if value is None or value < 0 else value for value in values]
        columns[field.name] = pa.array(values, field.type)
    return pa.table(columns, schema=FLARES)


def arrow_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of a table of the archive."""
    names = table.column_names
    columns = [table[name].to_pylist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
