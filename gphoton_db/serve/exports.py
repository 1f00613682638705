"""What can be taken away: maps as FITS, light curves as CSV, photons as Arrow."""

from dataclasses import replace
from io import BytesIO
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from gphoton_db.errors import NoCoverageError
from gphoton_db.products.fits.files import not_entered
from gphoton_db.products.lightcurves.measure import measure_position
from gphoton_db.products.maps.options import MapOptions
from gphoton_db.products.maps.sky_map import SkyMap
from gphoton_db.products.maps.write import cut_out, map_sky
from gphoton_db.products.photons.events import event_query
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.tables import encode_table
from gphoton_db.query.query import numbers_of
from gphoton_db.serve.answers import Answer, File
from gphoton_db.serve.curves import curve_options
from gphoton_db.serve.opened import ServedLegs
from gphoton_db.serve.parameters import Parameters
from gphoton_db.serve.refusals import NOT_FOUND, RequestError
from gphoton_db.serve.rows import as_rows

IMAGE_PARAMETERS = ("band", "ra", "dec", "size", "leg", "t0", "t1", "plane")
EVENT_PARAMETERS = ("ra", "dec", "radius", "band", "leg", "t0", "t1", "limit", "format")

SMALLEST_SIZE_ARCMIN, LARGEST_SIZE_ARCMIN = 0.1, 90.0
LARGEST_RADIUS_ARCSEC = 3600.0

MOST_EVENTS, MOST_EVENTS_OF_JSON = 1_000_000, 100_000

ARROW = "application/vnd.apache.arrow.stream"

_PLANES = ("count", "intensity", "exposure")


def image_file(archive: ArchiveReader, asked: Parameters, legs: ServedLegs) -> File:
    """Return the map of a box as a FITS file: all planes, as ``gphoton-db map`` writes it.

    Raises
    ------
    NoCoverageError
        If nothing was seen there.
    RequestError
        If a parameter is not valid.
    """
    asked.choice("plane", _PLANES, "count")  # the file has them all
    (ra, dec), band = asked.position(), str(asked.band())
    size = asked.number("size", SMALLEST_SIZE_ARCMIN, LARGEST_SIZE_ARCMIN) / 60.0
    times, leg = asked.times(), asked.leg()
    if leg is not None and times is None:
        made = cut_out(archive, leg[0], band, leg[1], (ra, dec, size), MapOptions())
    else:
        ranges = None if times is None else [_within_leg(asked, legs, times)]
        options = MapOptions(bands=[band], time_ranges=ranges)
        (made,) = map_sky(archive, ra, dec, size, options)
    return _written(made)


def _within_leg(
    asked: Parameters, legs: ServedLegs, times: tuple[float, float]
) -> tuple[float, float]:
    """Return the part of a range of time that lies in a leg, if one is asked for."""
    wanted = asked.leg()
    if wanted is None:
        return times
    for leg in legs.legs:
        if leg.band == asked.band() and (leg.eclipse, leg.leg) == wanted:
            first, last = max(times[0], leg.t0), min(times[1], leg.t1 + 0.001)
            if first < last:
                return first, last
    raise RequestError(f"leg {wanted[0]}.{wanted[1]} was not observed then", NOT_FOUND)


def _written(made: SkyMap) -> File:
    # The server only reads: its files are none of the archive's products.
    with TemporaryDirectory(prefix="gphoton-db-map-") as folder:
        path = replace(made, entering=not_entered).write(folder)
        return File(path.read_bytes(), "application/fits", name=path.name)


def curve_file(archive: ArchiveReader, asked: Parameters, legs: ServedLegs) -> File:
    """Return the light curve of a position as CSV: all columns of `Archive.lightcurve`.

    Raises
    ------
    NoCoverageError
        If no leg saw the position.
    RequestError
        If a parameter is not valid.
    """
    asked.choice("format", ("csv",), "csv")
    ra, dec = asked.position()
    curve = measure_position(archive, ra, dec, curve_options(asked, legs))
    leg = asked.leg()
    if leg is not None:
        curve = curve[(curve["eclipse"] == leg[0]) & (curve["leg"] == leg[1])]
        if not len(curve):
            raise NoCoverageError(f"leg {leg[0]}.{leg[1]} did not see this position")
    name = f"lightcurve-{ra:.5f}{dec:+.5f}.csv"
    return File(encode_table(curve, "csv"), "text/csv", name=name)


def events(archive: ArchiveReader, asked: Parameters) -> Answer:
    """Return the photons around a position, in the order of time, as Arrow or JSON.

    Raises
    ------
    NoCoverageError
        If no leg saw the position.
    RequestError
        If a parameter is not valid.
    """
    radius = asked.number("radius", 0.0, LARGEST_RADIUS_ARCSEC, 12.8)
    as_json = asked.choice("format", ("arrow", "json"), "arrow") == "json"
    limit = asked.whole("limit", 1, MOST_EVENTS_OF_JSON if as_json else MOST_EVENTS, 100_000)
    bands = [asked.band()] if asked.has("band") else None
    times, leg = asked.times(), asked.leg()
    if leg is not None and not archive.rows(
        f"SELECT 1 AS n FROM rows_of('legs', [{leg[0]}]) WHERE leg = {leg[1]} LIMIT 1"
    ):
        raise NoCoverageError(f"there is no leg {leg[0]}.{leg[1]}")
    ranges = None if times is None else [times]
    query = event_query(archive, *asked.position(), radius, bands=bands, time_ranges=ranges)
    chosen = "true" if leg is None else f"eclipse = {leg[0]} AND leg = {leg[1]}"
    found = archive.arrow(
        f"SELECT * FROM ({query.sql}) WHERE {chosen} ORDER BY t_ms, band LIMIT {limit + 1}"
    )
    if as_json:
        return as_rows(found, limit)
    headers = {"X-Truncated": "true" if len(found) > limit else "false"}
    return File(
        _stream(found.slice(0, limit)), "application/vnd.apache.arrow.stream", headers=headers
    )


def _stream(table: Any) -> bytes:
    columns = [numbers_of(column) for column in table.columns]
    plain = pa.Table.from_arrays(columns, table.column_names)
    content = BytesIO()
    with pa.ipc.new_stream(content, plain.schema) as stream:
        stream.write_table(plain)
    return content.getvalue()
