"""Catalogue entries of an archive matched with a table; see `Archive.match`."""

import logging
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from astropy.table import QTable
from astropy.units import Quantity
from numpy.typing import NDArray

from gphoton_db.arrow_columns import values_of
from gphoton_db.errors import ProductError
from gphoton_db.products.fits.provenance import program_meta
from gphoton_db.products.objects.entries import visit_numbers
from gphoton_db.products.objects.linking import checked_radius
from gphoton_db.products.objects.make import RADIUS
from gphoton_db.products.objects.make_astrometry import keep_astrometry
from gphoton_db.products.objects.matching import Matches, MatchFlag, match_positions
from gphoton_db.products.objects.reference_table import ReferenceTable, read_reference
from gphoton_db.products.reader import ArchiveReader

logger = logging.getLogger(__name__)

_SQL = """
SELECT
    entry.source_id, entry.eclipse, entry.leg, entry.ra, entry.dec, entry.bands,
    nuv.ra AS nuv_ra, nuv.dec AS nuv_dec, fuv.ra AS fuv_ra, fuv.dec AS fuv_dec,
    2000 + (galex_to_mjd(leg.t) - 51544.5) / 365.25 AS year
FROM catalogue AS entry
LEFT JOIN (
    SELECT eclipse, leg, avg((t0 + t1) / 2) AS t FROM legs GROUP BY eclipse, leg
) AS leg ON leg.eclipse = entry.eclipse AND leg.leg = entry.leg
LEFT JOIN sources AS nuv
    ON nuv.eclipse = entry.eclipse AND nuv.leg = entry.leg AND nuv.band = 'NUV'
    AND nuv.catalog = 'detected' AND nuv.source = entry.nuv_source
LEFT JOIN sources AS fuv
    ON fuv.eclipse = entry.eclipse AND fuv.leg = entry.leg AND fuv.band = 'FUV'
    AND fuv.catalog = 'detected' AND fuv.source = entry.fuv_source
WHERE {where}
ORDER BY entry.eclipse, entry.leg, entry.source
"""


def match_entries(
    archive: ArchiveReader,
    table: Any,
    radius: Any = RADIUS,
    *,
    epoch: Any = None,
    pm: Any = None,
    eclipses: Collection[int] | None = None,
    name: str | None = None,
) -> QTable:
    """Match the catalogue entries of an archive with a table; see `Archive.match`."""
    arcsec = checked_radius(radius)
    reference = read_reference(table, epoch=epoch, pm=pm)
    name = name or (Path(table).name if isinstance(table, str | Path) else "table")
    where = "true"
    if eclipses is not None:
        numbers = ", ".join(str(int(eclipse)) for eclipse in eclipses)
        where = f"entry.eclipse IN ({numbers or 'NULL'})"
    entries = archive.arrow(_SQL.format(where=where))
    if not len(entries):
        raise ProductError(
            f"{archive.root}: has no catalogue entries to match"
            f"{' of these eclipses' if eclipses is not None else ''}: make them with "
            "`gphoton-db catalogue`"
        )
    ra, dec, year = (values_of(entries[name]) for name in ("ra", "dec", "year"))
    visit = visit_numbers(values_of(entries["eclipse"]), values_of(entries["leg"]))
    archive.on_progress("matching", 0, 1)
    matches = match_positions(ra, dec, visit, year, reference, arcsec)
    archive.on_progress("matching", 1, 1)
    _say(matches, visit, reference)
    keep_astrometry(archive, entries, matches, name, arcsec)
    return _result(entries, matches, reference, name, arcsec)


def _say(matches: Matches, visit: NDArray[np.int64], reference: ReferenceTable) -> None:
    """Log what is to be known of matches."""
    outside = np.unique(visit[(matches.flags & int(MatchFlag.NO_OVERLAP)) > 0])
    if len(outside):
        logger.warning(
            "%s: has no row in the field of %d of %d visits, whose sources have no match",
            *(reference.source, len(outside), len(np.unique(visit))),
        )
    still = int(((matches.flags & int(MatchFlag.NOT_MOVED)) > 0).sum())
    if still:
        logger.warning(
            "%s: %d of %d matches are with rows that were not moved to the time of the visit",
            *(reference.source, still, matches.n_matched),
        )


def _result(
    entries: pa.Table, matches: Matches, reference: ReferenceTable, name: str, radius: float
) -> QTable:
    """Return a row for each entry."""
    names = np.append(reference.names, [""])  # -1 is the last
    columns: dict[str, Any] = {
        "source_id": np.array(entries["source_id"].to_pylist(), str),
        "eclipse": values_of(entries["eclipse"]),
        "leg": values_of(entries["leg"]),
        "ra": Quantity(values_of(entries["ra"]), "deg"),
        "dec": Quantity(values_of(entries["dec"]), "deg"),
        "bands": np.array(entries["bands"].to_pylist(), str),
        "row": matches.row,
        "name": names[matches.row],
        "match_ra": Quantity(matches.ra, "deg"),
        "match_dec": Quantity(matches.dec, "deg"),
        "separation": Quantity(matches.separation, "arcsec"),
        "chance": matches.chance,
        "second_row": matches.second_row,
        "second_name": names[matches.second_row],
        "second_separation": Quantity(matches.second_separation, "arcsec"),
        "flags": matches.flags,
    }
    table = QTable(columns)
    table.meta = program_meta() | {"KIND": "match", "CATALOG": name, "RADIUS": radius}
    table.meta |= {"N_SOURCES": len(entries), "N_MATCHED": matches.n_matched}
    table.meta |= {
        "CHANCE": matches.chance_rate,
        "N_SECOND": int(((matches.flags & int(MatchFlag.SECOND)) > 0).sum()),
        "N_SHARED": int(((matches.flags & int(MatchFlag.SHARED)) > 0).sum()),
        "MOVED": reference.moves,
    }
    return table
