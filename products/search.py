"""Which visits there are: by place, survey, date, exposure and number, ingested or not."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from astropy.table import Column, MaskedColumn, Table
from astropy.time import Time

from gphoton_db.aspect.gnomonic import PLANE_UNITS_PER_DEG, project
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band, parse_bands
from gphoton_db.products.quantities import arcsec_of, degrees_of
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.search_options import SearchOptions
from gphoton_db.products.sky_places import position_of
from gphoton_db.query.named import load_query
from gphoton_db.query.query import fetch
from gphoton_db.query.sql_files import literal
from gphoton_db.times import utc_moment

COLUMNS = {
    "eclipse": (np.int64, None, "Number of the eclipse"),
    "band": (str, None, "NUV or FUV"),
    "leg": (np.int64, None, "Number of the leg, from 0; none where no leg is known"),
    "ingested": (bool, None, "Whether its photons are in the archive"),
    "ra0": (float, "deg", "Right ascension of the boresight"),
    "dec0": (float, "deg", "Declination of the boresight"),
    "separation": (float, "arcsec", "Distance of the boresight from the position"),
    "plan_type": (str, None, "Survey: AIS, MIS, DIS, NGS, GII, CAI, ..."),
    "t0": (float, "s", "Start of the leg, or else of the eclipse, GALEX time"),
    "t1": (float, "s", "End of an ingested leg"),
    "utc": (str, None, "Start, UTC"),
    "exposure": (float, "s", "Exposure of an ingested leg, corrected for dead time"),
    "on_time": (float, "s", "Time of the whole eclipse at the band's nominal high voltage"),
    "command": (str, None, "What ingests it, if it is not"),
}
"""Type, unit and description of each column."""

SURE_DEG = 0.5
"""A position that is this near to the boresight was in the field, whatever its true outline."""

LARGEST_OUTLINED_DEG = 30.0
"""Radius of a cone up to which true outlines are looked at: they must lie in one hemisphere."""


def search_visits(archive: ArchiveReader, ra: Any, dec: Any, options: SearchOptions) -> Table:
    """Return the legs of visits that fulfil all conditions; see `Archive.search`.

    Raises
    ------
    ProductError
        If a condition is not valid.
    """
    position = None if ra is None else position_of(ra, dec)
    radius = arcsec_of(options.radius, "radius")
    _check_circle(position, radius)
    query = load_query("search_visits")
    values = query.values(_conditions(position, radius, options))
    found = fetch(archive.connection, query.sql, values).rows()
    if position is not None and radius <= LARGEST_OUTLINED_DEG * 3600:
        found = _outlined(archive, found, *position, radius / 3600)
    for row in found:
        row["utc"] = row["utc"].isoformat(timespec="milliseconds") if row["utc"] else None
        command = f"gphoton-db ingest {row['eclipse']} {row['band']}"
        row["command"] = "" if row["ingested"] else command
    table = Table([_column(name, [row[name] for row in found]) for name in COLUMNS])
    table.meta = {"KIND": "search", "NOT_INGESTED": sum(not row["ingested"] for row in found)}
    return table


def _conditions(
    position: tuple[float, float] | None, radius: float, options: SearchOptions
) -> dict[str, Any]:
    """Return the values of the parameters of the named query ``search_visits``."""
    box = None if options.box is None else box_of(options.box)
    bands = parse_bands(options.bands)
    since, until = (None if t is None else moment_of(t) for t in (options.since, options.until))
    if since and until and since >= until:
        raise ProductError(f"no time lies from {since} to {until}: give them in order")
    values: dict[str, Any] = {
        "radius": radius,
        "band": bands[0] if len(bands) == 1 else None,
        "plan_types": ",".join(_surveys(options.plan_types)) or None,
        "since": since,
        "until": until,
        "min_exposure": options.min_exposure,
        "ingested": options.ingested,
    }
    if position:
        values |= zip(("ra", "dec"), position, strict=True)
    if box:
        values |= zip(("ra_min", "ra_max", "dec_min", "dec_max"), box, strict=True)
    if options.eclipses:
        values |= zip(("first_eclipse", "last_eclipse"), options.eclipses, strict=True)
    return values


def _check_circle(position: tuple[float, float] | None, radius: float) -> None:
    if not 0 <= radius <= 180 * 3600:
        raise ProductError(f"a radius of {radius:g} arcsec is none: give 0 to 648000")
    if radius and position is None:
        raise ProductError("a radius needs a position: give ra and dec")


def _surveys(plan_types: str | Iterable[str] | None) -> tuple[str, ...]:
    each = plan_types.split(",") if isinstance(plan_types, str) else plan_types or ()
    return tuple(name.strip().upper() for name in each if name.strip())


def box_of(bounds: Sequence[Any]) -> tuple[float, float, float, float]:
    """Return ra_min, ra_max, dec_min, dec_max (deg) as they were given.

    Raises
    ------
    ProductError
        If these are not four numbers, or no box on the sky.
    """
    try:
        ra_min, ra_max, dec_min, dec_max = (degrees_of(bound, "box") for bound in bounds)
    except (ProductError, TypeError, ValueError):
        raise ProductError(
            f"{bounds!r} is no box: give ra_min, ra_max, dec_min, dec_max in deg"
        ) from None
    if not (-180 <= ra_min <= 360 and -180 <= ra_max <= 360 and -90 <= dec_min <= dec_max <= 90):
        raise ProductError(
            f"ra {ra_min:g} to {ra_max:g}, dec {dec_min:g} to {dec_max:g} is no box: give degrees, "
            "ra -180 to 360, dec -90 to 90, the smaller declination first"
        )
    return ra_min, ra_max, dec_min, dec_max


def moment_of(time: Any) -> datetime:
    """Return a time as UTC without a zone, as the catalogue has it.

    Parameters
    ----------
    time : str, datetime or Time
        ISO 8601: a day is its start; without a zone it is UTC.

    Raises
    ------
    ProductError
        If it is no time.
    """
    try:
        return utc_moment(time.utc.to_datetime(UTC) if isinstance(time, Time) else time)
    except (AttributeError, TypeError, ValueError):
        raise ProductError(f"{time!r} is no time: give UTC as 2004-07-21T16:34:08") from None


def to_ingest(table: Table) -> list[tuple[int, str | Band]]:
    """Return eclipse and band of what a search found that is not ingested, each once."""
    rows = zip(table["eclipse"], table["band"], table["ingested"], strict=True)
    return list(dict.fromkeys((int(e), Band(str(b))) for e, b, ingested in rows if not ingested))


def _column(name: str, values: Sequence[Any]) -> Column:
    """Return a column of the result: what is not known is NaN, empty text, or masked."""
    kind, unit, description = COLUMNS[name]
    nothing = np.nan if kind is float else kind()
    known = [nothing if value is None else value for value in values]
    if kind is np.int64 and None in values:
        masked = [value is None for value in values]
        return MaskedColumn(known, name, masked, dtype=kind, description=description)
    return Column(known, name, dtype=kind, unit=unit, description=description)


def _outlined(
    archive: ArchiveReader, found: list[dict[str, Any]], ra: float, dec: float, radius: float
) -> list[dict[str, Any]]:
    """Leave out what the true outline of a field, where it is known, leaves out.

    A cone reaches a field when the outline is within its radius (deg) on the plane that touches
    the sphere at its centre, where great circles are straight.
    """
    at_the_rim = [
        row
        for row in found
        if row["separation"] is not None and row["separation"] / 3600 - radius > SURE_DEG
    ]
    outlines = _outlines_of(archive, at_the_rim)
    reach = np.tan(np.radians(radius)) / np.radians(1.0)
    centre = shapely.Point(0.0, 0.0)
    missed = set()
    for row in at_the_rim:
        outline = outlines.get((row["eclipse"], row["band"], row["leg"]))
        if outline is not None and _flat(outline, ra, dec).distance(centre) > reach:
            missed.add(id(row))
    return [row for row in found if id(row) not in missed]


def _flat(outline: bytes, ra: float, dec: float) -> shapely.Geometry:
    """Return a region on the plane that touches the sphere at a position, deg from there."""

    def to_plane(corners: Any) -> Any:
        x, y = project(corners[:, 0], corners[:, 1], ra, dec, 0.0)
        return np.stack([x, y], axis=-1) / PLANE_UNITS_PER_DEG

    return shapely.transform(shapely.from_wkb(outline), to_plane)


def _outlines_of(
    archive: ArchiveReader, rows: Iterable[dict[str, Any]]
) -> dict[tuple[int, str, int], bytes]:
    """Return what is known of the sky that legs saw at least once, in well-known binary."""
    ingested, others = set[int](), set[int]()
    for row in rows:
        (ingested if row["ingested"] else others).add(row["eclipse"])
    stored = archive.rows(
        f"SELECT eclipse, band, leg, partial FROM coverage WHERE eclipse IN {_list(ingested)}"
    )
    table = archive.catalogue.paths.consolidated / "leg-aperture.parquet"
    if others and table.exists():
        stored += archive.rows(
            "SELECT eclipse, unnest(['NUV', 'FUV']) AS band, leg - 1 AS leg, partial "
            f"FROM read_parquet({literal(str(table))}) WHERE eclipse IN {_list(others)}"
        )
    # What follows from the pointing of an ingest is known best.
    return {(r["eclipse"], r["band"], r["leg"]): bytes(r["partial"]) for r in reversed(stored)}


def _list(numbers: Iterable[int]) -> str:
    """Return eclipses as SQL has them; eclipse 0, which there is not, for an empty list."""
    return f"({', '.join(map(str, [0, *sorted(numbers)]))})"
