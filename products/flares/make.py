"""Flares of a light curve, of a position, or of a list of them; see `Archive.flares`."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import QTable

from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.catalogs import one_or_more, positions_in, read_table
from gphoton_db.products.apertures.position_columns import column_names
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.fits.provenance import program_meta
from gphoton_db.products.flares.distances import distance_given, distances_in
from gphoton_db.products.flares.find import flares_of_curve
from gphoton_db.products.flares.found import why_unquiet
from gphoton_db.products.flares.keep import keep_flares
from gphoton_db.products.flares.options import FlareOptions
from gphoton_db.products.flares.series import Series, series_of
from gphoton_db.products.flares.stars import Distance, Looked, Star, Stars
from gphoton_db.products.flares.table import flares_table
from gphoton_db.products.lightcurves.measure import blocks_of_positions, measure_position
from gphoton_db.products.lightcurves.options import LightCurveOptions
from gphoton_db.products.objects.reference_columns import NAMES, names_of
from gphoton_db.products.reader import ArchiveReader

logger = logging.getLogger(__name__)

UNKNOWN = float("nan")

MOST_SAID = 3
"""Visits without quiescence that are named; the others are counted."""


def find_flares(archive: ArchiveReader, what: Any, dec: Any, options: FlareOptions) -> QTable:
    """Return the flares of a light curve or of positions, and keep them in the archive.

    Raises
    ------
    NoCoverageError
        If no ingested leg saw the one position.
    ProductError
        If a position, an option or a column is not valid.
    """
    given = distance_given(options.distance, options.parallax)
    looked = list(_looked_at(archive, what, dec, options, given))
    _say_unquiet(looked)
    rows = [row for each in looked for row in each.rows]
    if options.keep:
        keep_flares(archive, looked)
    meta = program_meta() | {
        "KIND": "flares",
        "RECIPE": options.recipe,
        "SIGMA": options.sigma,
        "N_CURVES": len(looked),
        "N_VISITS": sum(len(each.visits) for each in looked),
        "N_NO_QUIESCENCE": sum(len(each.unquiet) for each in looked),
    }
    return flares_table(rows, meta)


def _say_unquiet(looked: Sequence[Looked]) -> None:
    """Log in which visits no flare can be found, the first few of them, and why."""
    unquiet = [(each.star, found) for each in looked for found in each.unquiet]
    for star, found in unquiet[:MOST_SAID]:
        series = found.series
        logger.warning(
            "flares%s: eclipse %d leg %d %s: no flare can be told, as it has no quiescence (%s): "
            "give a shorter step (--step), or add visits of the star",
            f" of {star.name}" if star.name else "",
            *(series.eclipse, series.leg, series.band, why_unquiet(found)),
        )
    if len(unquiet) > MOST_SAID:
        more = len(unquiet) - MOST_SAID
        logger.warning("flares: so it is in %d more bands of visits", more)


def _looked_at(
    archive: ArchiveReader, what: Any, dec: Any, options: FlareOptions, given: Distance | None
) -> Iterator[Looked]:
    """Yield what each star has."""
    if _is_light_curve(what):
        meta = getattr(what, "meta", {}) or {}
        if "position" in _names(what):
            raise ProductError(
                "a table of many light curves has several stars: give the list of their positions"
            )
        ra, declination = (float(meta.get(name, UNKNOWN)) for name in ("RA", "DEC"))
        star = Star("", ra, declination, given or (UNKNOWN, UNKNOWN))
        yield looked_at(what, meta, star, options)
        return
    measured = _light_curve_options(options)
    is_list = dec is None and (isinstance(what, Path) or hasattr(what, "columns"))
    if is_list:
        yield from _of_list(archive, what, options, measured, given)
        return
    targets = one_or_more(what, dec)
    if len(targets) > 1:
        unknown = np.full(len(targets), np.nan)
        stars = Stars(targets, [""] * len(targets), unknown, unknown)
        yield from _of_stars(archive, stars, options, measured, given)
        return
    ra, declination = float(targets.ra[0]), float(targets.dec[0])
    curve = measure_position(archive, ra, declination, measured)
    star = Star("", ra, declination, given or (UNKNOWN, UNKNOWN))
    yield looked_at(curve, curve.meta, star, options)


def _of_list(
    archive: ArchiveReader,
    what: Any,
    options: FlareOptions,
    measured: LightCurveOptions,
    given: Distance | None,
) -> Iterator[Looked]:
    """Yield what the stars of a table have; it may have names, parallaxes and distances."""
    source = str(what) if isinstance(what, Path) else "the table"
    table = read_table(what.expanduser()) if isinstance(what, Path) else what
    targets = Targets.of(*positions_in(table, source))
    n = len(targets)
    named = {name.strip().lower() for name in column_names(table)} & set(NAMES)
    names = names_of(table, n, source).tolist() if named else [""] * n
    stars = Stars(targets, [str(name) for name in names], *distances_in(table, n, source))
    yield from _of_stars(archive, stars, options, measured, given)


def _of_stars(
    archive: ArchiveReader,
    stars: Stars,
    options: FlareOptions,
    measured: LightCurveOptions,
    given: Distance | None,
) -> Iterator[Looked]:
    for block in blocks_of_positions(archive, stars.targets, measured):
        number = np.asarray(block["position"])
        seen = np.array([str(band) != "" for band in block["band"]], bool)
        for each in np.unique(number[seen]).tolist():
            star = stars[each]
            if given is not None:
                star = Star(star.name, star.ra, star.dec, given)
            yield looked_at(block[seen & (number == each)], block.meta, star, options)


def looked_at(table: Any, meta: Any, star: Star, options: FlareOptions) -> Looked:
    """Return the flares of one star's light curve."""
    radius = meta.get("RADIUS")
    series = list(series_of(table, radius))
    place = {
        "name": star.name or None,
        "ra": star.ra,
        "dec": star.dec,
        "radius": UNKNOWN if radius is None else float(radius),
        "nonlinear": bool(meta.get("NONLINEAR", False)),
        "recipe": options.recipe,
        "sigma": float(options.sigma),
    }
    found = flares_of_curve(series, options, star.distance)
    steps = {(each.eclipse, each.leg, str(each.band)): _step(each) for each in series}
    rows = [
        row | place | {"step": steps[row["eclipse"], row["leg"], row["band"]]} for row in found.rows
    ]
    visits = sorted({(each.eclipse, each.leg) for each in series})
    return Looked(star, visits, rows, found.unquiet)


def _step(series: Series) -> float:
    return float(np.median(series.length))


def _is_light_curve(what: Any) -> bool:
    return {"t0", "t1"} <= set(_names(what))


def _names(what: Any) -> list[str]:
    if isinstance(what, dict):
        return list(what)
    return column_names(what) if hasattr(what, "columns") else []


def _light_curve_options(options: FlareOptions) -> LightCurveOptions:
    return LightCurveOptions(
        radius=options.radius,
        annulus=options.annulus,
        step=options.step,
        bands=options.bands,
        time_ranges=options.time_ranges,
        nonlinear=options.nonlinear,
    )
