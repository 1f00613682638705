"""Which visits there are: by place, survey, date, exposure and number, ingested or not.

Here they are plain rows, for which astropy need not be imported; `search` makes a table of them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from gphoton_db.catalogue.session import reading_catalogue
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band, parse_bands
from gphoton_db.paths import ArchivePaths
from gphoton_db.products.quantities import arcsec_of, degrees_of
from gphoton_db.products.search_options import SearchOptions
from gphoton_db.query.named import load_query
from gphoton_db.query.plain_rows import plain_rows

COLUMNS = {
    "eclipse": (int, None, "Number of the eclipse"),
    "band": (str, None, "NUV or FUV"),
    "leg": (int, None, "Number of the leg, from 0; none where no leg is known"),
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


@dataclass(frozen=True)
class FoundVisits:
    """The legs of visits that a search found.

    Parameters
    ----------
    rows : list of dict
        One for each leg; names, units and meanings are in `COLUMNS`, None is what is not known.
    """

    rows: list[dict[str, Any]]

    @property
    def meta(self) -> dict[str, Any]:
        """What the table of them says of itself."""
        return {"KIND": "search", "NOT_INGESTED": self.n_new}

    def known(self) -> list[dict[str, Any]]:
        """Return the rows with NaN or an empty text for what is not known; whole numbers: None."""
        return [{name: _known(name, row[name]) for name in COLUMNS} for row in self.rows]

    @property
    def n_new(self) -> int:
        """How many of them are not ingested."""
        return sum(not row["ingested"] for row in self.rows)

    def to_ingest(self) -> list[tuple[int, str | Band]]:
        """Return eclipse and band of what is not ingested, each once."""
        new = (row for row in self.rows if not row["ingested"])
        return list(dict.fromkeys((int(row["eclipse"]), Band(str(row["band"]))) for row in new))


def _known(name: str, value: Any) -> Any:
    kind = COLUMNS[name][0]
    if value is None:
        return math.nan if kind is float else None if kind is int else kind()
    return kind(value)


def find_visits(
    connection: duckdb.DuckDBPyConnection,
    paths: ArchivePaths,
    ra: Any,
    dec: Any,
    options: SearchOptions,
) -> FoundVisits:
    """Return the legs of visits that fulfil all conditions; see `Archive.search`.

    Raises
    ------
    ProductError
        If a condition is not valid.
    """
    position = None if ra is None else _position(ra, dec)
    radius = arcsec_of(options.radius, "radius")
    _check_circle(position, radius)
    query = load_query("search_visits")
    values = query.values(_conditions(position, radius, options))
    with reading_catalogue():
        found = plain_rows(connection, query.sql, values)
    if position is not None and radius <= LARGEST_OUTLINED_DEG * 3600:
        found = _outlined(connection, paths, found, *position, radius / 3600)
    for row in found:
        row["utc"] = row["utc"].isoformat(timespec="milliseconds") if row["utc"] else None
        command = f"gphoton-db ingest {row['eclipse']} {row['band']}"
        row["command"] = "" if row["ingested"] else command
    return FoundVisits(found)


def _position(ra: Any, dec: Any) -> tuple[float, float]:
    from gphoton_db.products.sky_places import position_of  # with astropy

    return position_of(ra, dec)


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
    from gphoton_db.times import utc_moment  # with numpy

    try:
        # An astropy Time has another scale besides.
        return utc_moment(time.utc.to_datetime(UTC) if hasattr(time, "scale") else time)
    except (AttributeError, TypeError, ValueError):
        raise ProductError(f"{time!r} is no time: give UTC as 2004-07-21T16:34:08") from None


def _outlined(
    connection: duckdb.DuckDBPyConnection,
    paths: ArchivePaths,
    found: list[dict[str, Any]],
    ra: float,
    dec: float,
    radius: float,
) -> list[dict[str, Any]]:
    """Leave out what the true outline of a field, where it is known, leaves out."""
    at_the_rim = [
        row
        for row in found
        if row["separation"] is not None and row["separation"] / 3600 - radius > SURE_DEG
    ]
    if not at_the_rim:
        return found
    from gphoton_db.products.outlines import missed_by  # with numpy and shapely

    missed = missed_by(connection, paths, at_the_rim, ra, dec, radius)
    return [row for row in found if id(row) not in missed]
