"""The candidates of a sheet: rows of a query or a table, each with the visit that it is seen in."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.apertures.catalogs import positions_in, read_table
from gphoton_db.products.apertures.position_columns import column_names
from gphoton_db.products.qa.options import MOST_CANDIDATES
from gphoton_db.products.reader import ArchiveReader

logger = logging.getLogger(__name__)

PLACE = ("source_id", "name", "ra", "dec", "eclipse", "leg", "band")
"""Columns that say which candidate it is; the others are shown as its statistics."""

SAME_ARCSEC = 3.0
"""Flares and scores of positions that are nearer are the candidate's."""

VARIES = 3.0
"""Score from which on a visit is taken for it: that of a source which may vary."""

Visit = tuple[int, int]


@dataclass(frozen=True)
class Candidate:
    """What is to be judged.

    Parameters
    ----------
    source_id : str
        What it is called.
    ra, dec : float
        deg.
    eclipse, leg : int
        The visit that is shown.
    band : str
        In which it varies; empty: not said.
    statistics : mapping
        Numbers, text and lists of text, by column.
    """

    source_id: str
    ra: float
    dec: float
    eclipse: int
    leg: int
    band: str
    statistics: Mapping[str, Any]


def read_candidates(archive: ArchiveReader, what: Any) -> list[Candidate]:
    """Return the candidates of a table, or of a file of one.

    Those without a position, or that no ingested leg of their visit saw, are left out, which is
    logged.

    Raises
    ------
    ProductError
        If the table cannot be read, or has no candidate that can be shown.
    """
    source = str(what) if isinstance(what, str | Path) else "the table"
    table = read_table(Path(what).expanduser()) if isinstance(what, str | Path) else what
    rows = _rows(table)
    if not rows:
        raise ProductError(f"{source}: has no rows, so there are no candidates")
    if len(rows) > MOST_CANDIDATES:
        raise ProductError(
            f"{source}: has {len(rows):,} rows; a sheet holds {MOST_CANDIDATES:,}: cut the list, "
            "or make several sheets"
        )
    ra, dec = positions_in(table, source)
    found = [
        _candidate(archive, row, number, float(ra[number]), float(dec[number]))
        for number, row in enumerate(rows)
    ]
    shown = [each for each in found if each is not None]
    if len(shown) < len(rows):
        logger.warning(
            "%s: %d of %d rows are left out: no position, or no ingested leg of theirs saw it",
            *(source, len(rows) - len(shown), len(rows)),
        )
    if not shown:
        raise ProductError(f"{source}: no ingested leg saw any of its {len(rows)} rows")
    return shown


def _rows(table: Any) -> list[dict[str, Any]]:
    names = column_names(table)
    if isinstance(table, pa.Table):
        columns = [table[name].to_pylist() for name in names]
    else:
        columns = [_listed(table[name]) for name in names]
    keys = [name.strip().lower() for name in names]
    return [dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)]


def _listed(column: Any) -> list[Any]:
    values = np.ma.asarray(getattr(column, "value", column))
    return list(values.tolist())


def _candidate(
    archive: ArchiveReader, row: dict[str, Any], number: int, ra: float, dec: float
) -> Candidate | None:
    if math.isnan(ra) or math.isnan(dec):
        return None
    visit = _visit(archive, ra, dec, _whole(row.get("eclipse")), _whole(row.get("leg")))
    if visit is None:
        return None
    name = row.get("source_id") or row.get("name")
    statistics = {key: _plain(value) for key, value in row.items() if key not in PLACE}
    return Candidate(
        str(name) if name not in (None, "") else f"{number + 1}",
        *(ra, dec),
        *visit,
        _band(row.get("band")),
        {key: value for key, value in statistics.items() if value is not None},
    )


def _band(value: Any) -> str:
    return str(Band.parse(value)) if value not in (None, "") else ""


def _whole(value: Any) -> int | None:
    """Return the number of an eclipse or leg; None: it is not said."""
    try:
        if value is None or value < 0 or math.isnan(value):
            return None
        whole = int(value)
    except (TypeError, ValueError, OverflowError):
        whole = -1
    if whole != value or whole >= 2**31:
        raise ProductError(f"{value!r} is no number of an eclipse or leg")
    return whole


def _visit(
    archive: ArchiveReader, ra: float, dec: float, eclipse: int | None, leg: int | None
) -> Visit | None:
    """Return the visit that was named; else one in which it varied, or that saw it longest."""
    where = ["ingested"]
    where += [f"eclipse = {eclipse}"] if eclipse is not None else []
    where += [f"leg = {leg}"] if leg is not None else []
    rows = archive.rows(
        f"SELECT eclipse, leg FROM legs_at({ra!r}::DOUBLE, {dec!r}::DOUBLE) "
        f"WHERE {' AND '.join(where)} ORDER BY exposure DESC, eclipse, leg"
    )
    seen = [(int(row["eclipse"]), int(row["leg"])) for row in rows]
    if not seen or len(set(seen)) == 1:
        return seen[0] if seen else None
    return _most_telling(archive, ra, dec, seen) or seen[0]


def _most_telling(
    archive: ArchiveReader, ra: float, dec: float, seen: Sequence[Visit]
) -> Visit | None:
    """Return the visit with the surest flare that is known there, else with the highest score."""
    numbers = ", ".join(str(eclipse) for eclipse in {eclipse for eclipse, _ in seen})
    near = f'separation(ra, "dec", {ra!r}::DOUBLE, {dec!r}::DOUBLE) <= {SAME_ARCSEC}'
    for view, number, least in (("flares", "significance", 0.0), ("variables", "score", VARIES)):
        rows = archive.rows(
            f"SELECT eclipse, leg FROM {view} WHERE eclipse IN ({numbers}) AND {near} "
            f"AND {number} >= {least} ORDER BY {number} DESC, eclipse, leg"
        )
        for row in rows:
            visit = int(row["eclipse"]), int(row["leg"])
            if visit in seen:
                return visit
    return None


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; None: it is not shown."""
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return None if value is None else str(value)
