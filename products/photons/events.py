"""Photons around a position, with weights: to be binned at will, without a new query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from astropy.table import QTable
from astropy.units import Quantity

from gphoton_db.catalogue.near import table_near
from gphoton_db.catalogue.records import LegRecord, leg_of
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band, Bands, parse_bands
from gphoton_db.products.bins import spans_of
from gphoton_db.products.fits.provenance import legs_meta, program_meta
from gphoton_db.products.good_times import good_times
from gphoton_db.products.lightcurves.make import no_coverage
from gphoton_db.products.lightcurves.options import TimeRanges
from gphoton_db.products.merged_photons import check_merged_near
from gphoton_db.products.quantities import arcsec_of
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_boxes import SkyBox
from gphoton_db.products.sky_places import Range, position_of, ranges_of
from gphoton_db.products.tables import write_table
from gphoton_db.progress import Progress
from gphoton_db.query.constants import LARGEST_CONE_ARCSEC, with_constants
from gphoton_db.query.query import fetch
from gphoton_db.schemas import PHOTONS
from gphoton_db.times import as_time

ROWS_AT_ONCE = 500_000
"""Photons of a block."""

UNITS = {
    **{"t": "s", "ra": "deg", "dec": "deg", "separation": "arcsec"},
    **dict.fromkeys(("col", "row", "detrad"), "pix"),
}

_SQL = with_constants(
    """
SELECT
    t_ms, t, ra, "dec", separation, eclipse, band, leg, flags, response, mask, q, ya, col, "row",
    detrad,
    CASE WHEN flags = 0 AND response > 0 AND detrad < $ON_DETECTOR_PIXELS
    THEN 1 / response::DOUBLE ELSE 0 END AS weight
FROM cone({ra!r}::DOUBLE, {dec!r}::DOUBLE, {radius!r}::DOUBLE, band := {band})
WHERE {when}
ORDER BY t_ms, band, cell
"""
)


class Events(QTable):  # type: ignore[misc]
    """Photons around a position, in the order of time.

    ``t`` (GALEX s), ``time`` (UTC), ``ra``, ``dec``, ``separation`` (arcsec), ``eclipse``,
    ``band``, ``leg``, ``flags``, ``response``, ``mask`` (on a hotspot), ``q``, ``ya``, ``col``,
    ``row``, ``detrad`` (detector pixels), ``weight``.  The sum of the weights of photons within a
    radius is what a light curve counts: 1 / response, and 0 for ghosts, photons on dead pixels
    and those beyond the field.  ``meta["GTI"]``: when the legs were exposed.
    """

    def write(self, path: str | Path, format: str | None = None) -> Path:
        """Write them to a file, which is replaced: FITS is an event list with GTI.

        Parameters
        ----------
        path : str or Path
            The file.
        format : str, optional
            ``ecsv``, ``csv``, ``fits``, ``parquet`` or ``votable``; by default from the ending.

        Raises
        ------
        ProductError
            If there is no such format, or the file cannot be written.
        """
        path = Path(path).expanduser()
        return write_table(self, path, format, extension="EVENTS", hdu_class="EVENTS")


@dataclass(frozen=True, eq=False)
class EventQuery:
    """Which photons are asked for.

    Parameters
    ----------
    sql : str
        Yields them.
    n_legs : int
        Legs that came near the position at these times.
    meta : dict
        Of their table.
    """

    sql: str
    n_legs: int
    meta: dict[str, Any]

    def tell(self, on_progress: Progress) -> None:
        """Tell that they are being read."""
        on_progress(f"photons of {self.n_legs:,} legs", 0, 1)


def find_events(
    archive: ArchiveReader,
    ra: Any,
    dec: Any,
    radius: Any,
    *,
    bands: Bands = None,
    time_ranges: TimeRanges = None,
) -> Events:
    """Return the photons around a position; see `Archive.events`."""
    query = event_query(archive, ra, dec, radius, bands=bands, time_ranges=time_ranges)
    return find_events_of(archive, query)


def find_events_of(archive: ArchiveReader, query: EventQuery) -> Events:
    """Return the photons that a query yields."""
    query.tell(archive.on_progress)
    return _events_of(fetch(archive.connection, query.sql).arrow(), query.meta)


def event_blocks(archive: ArchiveReader, query: EventQuery) -> Iterator[Events]:
    """Yield the photons of `find_events` in blocks, in the order of time; there is one at least."""
    query.tell(archive.on_progress)
    batches = archive.connection.execute(query.sql).to_arrow_reader(ROWS_AT_ONCE)
    empty = batches.schema.empty_table()
    for batch in batches:
        empty = None
        yield _events_of(pa.Table.from_batches([batch]), query.meta)
    if empty is not None:
        yield _events_of(empty, query.meta)


def event_query(
    archive: ArchiveReader,
    ra: Any,
    dec: Any,
    radius: Any,
    *,
    bands: Bands = None,
    time_ranges: TimeRanges = None,
) -> EventQuery:
    """Return what yields the photons around a position; see `Archive.events`.

    Raises
    ------
    NoCoverageError
        If no ingested leg came near the position, or none in these times.
    ProductError
        If the position, the radius or the ranges are not valid.
    """
    place, ranges = position_of(ra, dec), ranges_of(time_ranges)
    return _query(archive, *place, radius, parse_bands(bands), ranges)


def _query(
    archive: ArchiveReader,
    ra: float,
    dec: float,
    radius: Any,
    bands: Sequence[Band],
    ranges: Sequence[Range] | None,
) -> EventQuery:
    arcsec = arcsec_of(radius, "radius")
    if not 0 < arcsec <= LARGEST_CONE_ARCSEC:
        raise ProductError(
            f"a radius of {arcsec:g} arcsec holds nothing or too much: give one above 0 and up to "
            f"{LARGEST_CONE_ARCSEC:g} arcsec"
        )
    legs = _legs_near(archive, ra, dec, arcsec, bands, ranges)
    if not legs:
        raise no_coverage(archive, ra, dec, bands)
    check_merged_near(archive, legs, SkyBox.around(ra % 360, dec, arcsec / 3600), PHOTONS.names)
    when = " OR ".join(f"t_ms >= {a} AND t_ms < {b}" for a, b in ranges or [])
    one_band = f"'{bands[0]}'" if len(bands) == 1 else "NULL"
    meta = {
        "KIND": "events",
        **{"RA": ra, "DEC": dec, "RADIUS": arcsec, "BANDS": [str(band) for band in bands]},
        "TIMES": [[a / 1000, b / 1000] for a, b in ranges] if ranges else None,
        **legs_meta(legs),
        **program_meta(),
        "GTI": good_times(archive, legs, ranges),
    }
    sql = _SQL.format(ra=ra, dec=dec, radius=arcsec, band=one_band, when=when or "true")
    return EventQuery(sql, len(legs), meta)


def _events_of(found: pa.Table, meta: dict[str, Any]) -> Events:
    columns = {name: found[name].to_numpy() for name in found.column_names}
    columns["mask"] = found["mask"].fill_null(False).to_numpy()
    columns["band"] = columns["band"].astype("U3")
    events = Events(
        {"time": as_time(columns.pop("t_ms").astype(np.int64) * 1000)}
        | {name: Quantity(v, UNITS[name]) if name in UNITS else v for name, v in columns.items()}
    )
    events.meta = dict(meta)
    return events


def _legs_near(
    archive: ArchiveReader,
    ra: float,
    dec: float,
    arcsec: float,
    bands: Sequence[Band],
    ranges: Sequence[Range] | None,
) -> list[LegRecord]:
    """Return the legs whose exposed field comes near a position at these times."""
    names = ", ".join(f"'{band}'" for band in bands)
    near = table_near(archive.connection, ra, dec, arcsec / 3600.0)
    rows = archive.rows(
        f"SELECT * FROM {near} WHERE band IN ({names}) AND photon_t0 IS NOT NULL AND "
        f"separation(ra0, dec0, {ra!r}::DOUBLE, {dec!r}::DOUBLE) <= radius * 3600 + {arcsec!r} "
        "ORDER BY photon_t0"
    )
    legs = [leg_of(row) for row in rows]
    return [leg for leg in legs if len(spans_of(leg, None, ranges))]
