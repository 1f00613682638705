"""Which visits saw a position, for how long, and how to ingest those that are only known."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from astropy.table import Column, Table

from gphoton_db.mission import Band, Bands, parse_bands
from gphoton_db.products.apertures.catalogs import one_or_more
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.progress import one_by_one

logger = logging.getLogger(__name__)

COLUMNS = {
    "position": (int, None),
    "ra": (float, "deg"),
    "dec": (float, "deg"),
    "eclipse": (int, None),
    "band": ("U3", None),
    "leg": (int, None),
    "ingested": (bool, None),
    "t0": (float, "s"),
    "t1": (float, "s"),
    "exposure": (float, "s"),
    "detrad_min": (float, "pix"),
    "detrad_max": (float, "pix"),
    "separation": (float, "arcsec"),
    "command": ("U64", None),
}
"""Name, type and unit of each column."""


def find_visits(archive: ArchiveReader, ra: Any, dec: Any = None, bands: Bands = None) -> Table:
    """Return the visits that saw one position or more; see `Archive.find`."""
    return _visits_of_all(archive, one_or_more(ra, dec), parse_bands(bands))


def _visits_of_all(archive: ArchiveReader, targets: Targets, bands: Sequence[Band]) -> Table:
    rows: list[dict[str, Any]] = []
    places = list(zip(targets.ra.tolist(), targets.dec.tolist(), strict=True))
    for number, (ra, dec) in enumerate(one_by_one(places, archive.on_progress, "positions")):
        if np.isnan(ra):
            continue
        place = {"position": number, "ra": ra, "dec": dec}
        rows += [place | r for r in _visits_of(archive, ra, dec) if Band(r["band"]) in bands]
    table = Table(
        [
            Column([_known(row[name]) for row in rows], name=name, dtype=kind, unit=unit)
            for name, (kind, unit) in COLUMNS.items()
        ]
    )
    table.meta = {"KIND": "find", "N_POSITIONS": len(targets)} | _without_rows(table, targets)
    for band in bands:
        here = np.asarray(table["ingested"]) & np.asarray(table["band"] == str(band))
        table.meta[f"EXPOSURE_{band}"] = float(np.sum(table["exposure"][here]))
        table.meta[f"VISITS_{band}"] = int(here.sum())
    table.meta["NOT_INGESTED"] = int((~np.asarray(table["ingested"], bool)).sum())
    return table


def _without_rows(table: Table, targets: Targets) -> dict[str, int]:
    """Return how many positions are none, or were seen by no visit; of many it is logged too."""
    missing = int(np.isnan(targets.ra).sum())
    off_field = len(targets) - missing - len(np.unique(np.asarray(table["position"])))
    if len(targets) > 1 and missing + off_field:
        logger.warning(
            "%d of %d positions have no rows: %d are no position on the sky, %d no visit saw",
            *(missing + off_field, len(targets), missing, off_field),
        )
    return {"N_NO_POSITION": missing, "N_OFF_FIELD": off_field}


def _visits_of(archive: ArchiveReader, ra: float, dec: float) -> list[dict[str, Any]]:
    """Return a row for each leg and band that saw a position, or may have seen it.

    Of ingested legs the pointing says, second by second, whether and when they did.  Of others
    only the circle of the field is known.
    """
    place = f"({ra!r}::DOUBLE, {dec!r}::DOUBLE)"
    covered = {_key(row): row for row in archive.rows(f"FROM coverage_at{place}")}
    found = []
    for row in archive.rows(f"FROM legs_at{place}"):
        common = {n: row[n] for n in ("eclipse", "band", "leg", "ingested", "separation")}
        if not row["ingested"]:
            times = {"t0": row["t0"], "t1": row["t1"]}
            command = f"gphoton-db ingest {row['eclipse']} {row['band']}"
            nothing = dict.fromkeys(("exposure", "detrad_min", "detrad_max"))
            found.append(common | times | nothing | {"command": command})
        elif _key(row) in covered:
            seen = covered[_key(row)]
            measured = {n: seen[n] for n in ("t0", "t1", "exposure", "detrad_min", "detrad_max")}
            found.append(common | measured | {"command": ""})
    return found


def _key(row: dict[str, Any]) -> tuple[int, str, int]:
    return row["eclipse"], row["band"], row["leg"]


def _known(value: Any) -> Any:
    return np.nan if value is None else value
