"""The catalogue of a leg as a table of Arrow, with the columns of `schemas.ENTRIES`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import Band
from gphoton_db.products.catalogue.band_columns import Columns, position_error
from gphoton_db.products.catalogue.detections import BandField
from gphoton_db.products.catalogue.merging import MergedSources
from gphoton_db.products.masks.applied import Mask, mask_meta
from gphoton_db.schemas import ENTRIES, LEG

Floats = NDArray[np.float64]

MASK_KEY = "gphoton_db_mask"
"""In the metadata of a table."""

KEY = ("eclipse", "leg")
"""Columns that the folder of a file says, behind ``source_id``."""


@dataclass(frozen=True, eq=False)
class LegEntries:
    """All that is known of the sources of a leg.

    Parameters
    ----------
    legs, fields : mapping by Band
        The bands that there are.
    merged : MergedSources
        n sources.
    columns : mapping of Band to columns
        As `band_columns` returns them.
    radii : sequence of float
        Of the apertures, arcsec; ``reference`` is the number of the one of the plain columns.
    """

    legs: Mapping[Band, LegRecord]
    fields: Mapping[Band, BandField]
    merged: MergedSources
    columns: Mapping[Band, Columns]
    radii: Sequence[float]
    reference: int

    @property
    def key(self) -> tuple[int, int]:
        """Eclipse and leg."""
        leg = next(iter(self.legs.values()))
        return leg.eclipse, leg.leg


def entries_table(of: LegEntries) -> pa.Table:
    """Return the entries as they are kept."""
    n = len(of.merged)
    columns: dict[str, Any] = {**_of_both(of), "radii": np.tile(of.radii, (n, 1))}
    unseen: dict[str, NDArray[np.bool_]] = {}
    for band, field in of.fields.items():
        prefix = band.value.lower()
        coverage = field.coverage_at(of.merged.ra, of.merged.dec)
        row = of.merged.row[band]
        there = row >= 0
        number = np.zeros(n, np.int64)
        number[there] = field.number[row[there]]
        detected = np.ma.array(number, mask=~there)
        mine = {**of.columns[band], "source": detected, "coverage": coverage}
        columns |= {f"{prefix}_{name}": values for name, values in mine.items()}
        unseen[prefix] = (coverage == 0) & ~there
    arrays = []
    for each in ENTRIES:
        prefix = each.name.partition("_")[0]
        values = columns.get(each.name)
        missing = unseen.get(prefix, np.zeros(n, bool)) & (not each.name.endswith("_coverage"))
        arrays.append(pa.nulls(n, each.type) if values is None else _array(values, each, missing))
    return pa.Table.from_arrays(arrays, schema=ENTRIES)


def mask_metadata(mask: Mask) -> dict[str, str]:
    """Return the metadata of a table whose sources were found with a mask of one's own."""
    said = mask_meta(mask)
    return {MASK_KEY: json.dumps(said)} if said else {}


def mask_of_schema(schema: pa.Schema) -> dict[str, Any]:
    """Return what a table says of its mask, by keyword; nothing of the standard one."""
    said = (schema.metadata or {}).get(MASK_KEY.encode())
    found: dict[str, Any] = json.loads(said) if said else {}
    return found


def with_key(table: pa.Table, of: LegEntries) -> pa.Table:
    """Return the entries with eclipse and leg, as the view ``catalogue`` has them."""
    for place, (name, value) in enumerate(zip(KEY, of.key, strict=True), 1):
        values = pa.array(np.full(len(table), value), LEG.field(name).type)
        table = table.add_column(place, LEG.field(name), values)
    return table


def _of_both(of: LegEntries) -> dict[str, Any]:
    merged, n = of.merged, len(of.merged)
    eclipse, leg = of.key
    found = {band: merged.row[band] >= 0 for band in of.fields}
    nothing = np.zeros(n, bool)
    in_nuv, in_fuv = (found.get(band, nothing) for band in Band)
    letters = np.where(in_nuv & in_fuv, "nf", np.where(in_nuv, "n", "f"))
    names = np.where(in_nuv & in_fuv, "NUV FUV", np.where(in_nuv, "NUV", "FUV"))
    number = np.arange(1, n + 1)
    error = _position_errors(of, found)
    return {
        "source_id": [f"{eclipse}_{leg}_{k}_{b}" for k, b in zip(number, letters, strict=True)],
        "source": number,
        "ra": merged.ra,
        "dec": merged.dec,
        "ra_err": error,
        "dec_err": error,
        "bands": names.tolist(),
        "match_flag": merged.flag.tolist(),
        "separation": merged.separation,
        "radius": np.full(n, of.radii[of.reference]),
    }


def _position_errors(of: LegEntries, found: Mapping[Band, NDArray[np.bool_]]) -> Floats:
    """Return the errors of means of detections that are weighted by their counts."""
    variance, total = np.zeros(len(of.merged)), np.zeros(len(of.merged))
    for band, field in of.fields.items():
        mine = of.columns[band]
        error = position_error(mine["model_cps"], mine["sigma"], mine["background"], field.exposure)
        row = of.merged.row[band]
        weight = np.where(found[band], np.maximum(field.counts[np.maximum(row, 0)], 1.0), 0.0)
        variance += np.where(found[band], (weight * error) ** 2, 0.0)
        total += weight
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(variance) / total)


def _array(values: Any, field: pa.Field, missing: NDArray[np.bool_]) -> pa.Array:
    if pa.types.is_string(field.type):
        return pa.array(values, field.type)
    plain = np.ma.getdata(values)
    unknown = np.ma.getmaskarray(values) | (
        np.isnan(plain) if plain.dtype.kind == "f" else np.zeros(plain.shape, bool)
    )
    if field.name.endswith("_dof"):
        unknown |= plain < 0
    if not pa.types.is_list(field.type):
        return pa.array(plain, mask=unknown | missing).cast(field.type)
    inner = pa.array(plain.ravel(), mask=unknown.ravel()).cast(field.type.value_type)
    offsets = np.arange(len(plain) + 1, dtype=np.int32) * plain.shape[1]
    # A NULL as the start of a list makes the list NULL.
    starts = pa.array(offsets, mask=np.append(missing, False))
    return pa.ListArray.from_arrays(starts, inner).cast(field.type)
