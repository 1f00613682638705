"""Maps as users ask for them: by bands, or of one leg; those that are written are registered."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import NoCoverageError, ProductError
from gphoton_db.mission import Band
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.maps.make import LegTime, MapPlan, legs_near, make_maps
from gphoton_db.products.maps.options import MapOptions
from gphoton_db.products.maps.sky_map import SkyMap
from gphoton_db.products.reader import ArchiveReader, choose_leg
from gphoton_db.products.registry import entered
from gphoton_db.products.sky_places import extent_of, position_of


def map_sky(
    archive: ArchiveReader, ra: Any, dec: Any, size: Any, options: MapOptions
) -> list[SkyMap]:
    """Return the maps of a box as a user names it; see `Archive.map`.

    Raises
    ------
    ProductError
        If there is no coverage, an option is not valid, or the maps would be too large.
    """
    plan = MapPlan.of(options)
    wanted = [options.bands] if isinstance(options.bands, str) else list(options.bands)
    bands = [Band.parse(band) for band in wanted]
    return map_box(archive, bands, _box(ra, dec, size, options.pixel), plan)


def cut_out(
    archive: ArchiveReader,
    eclipse: int,
    band: str | Band,
    leg: int | None,
    box: tuple[Any, Any, Any],
    options: MapOptions,
) -> SkyMap:
    """Return the map of a box, its ``ra, dec, size``, from one leg alone; see `Archive.cutout`.

    Raises
    ------
    ProductError
        If the leg is not there or did not see the box, or an option is not valid.
    """
    chosen = choose_leg(archive, eclipse, Band.parse(band), leg)
    plan = MapPlan.of(options)
    return map_leg(archive, chosen, _box(*box, options.pixel), plan)


def _box(ra: Any, dec: Any, size: Any, pixel: float) -> ImageGeometry:
    # A size that is a whole number of pixels but for its last bits gets no pixel more.
    width, height = (side * (1 - 1e-12) for side in extent_of(size))
    return ImageGeometry.centred(*position_of(ra, dec), width, height, pixel)


def map_box(
    archive: ArchiveReader, bands: Sequence[Band], geometry: ImageGeometry, options: MapPlan
) -> list[SkyMap]:
    """Return the maps of a box in each band.

    Where several bands are asked for, those without coverage are left out.

    Raises
    ------
    NoCoverageError
        If no band has coverage.
    ProductError
        If no band was given, or a map cannot be made.
    """
    if not bands:
        raise ProductError("no band was given: it is NUV, FUV, or both")
    made: list[SkyMap] = []
    reasons = []
    chosen = list(dict.fromkeys(bands))
    for number, band in enumerate(chosen):
        part = archive.for_part(number, len(chosen))
        try:
            timed = legs_near(archive, band, geometry, options)
            made += make_maps(part, band, geometry, timed, options)
        except NoCoverageError as error:
            reasons.append(str(error))
    if not made:
        raise NoCoverageError("; ".join(reasons))
    return [_registering(archive, each, geometry, options) for each in made]


def map_leg(
    archive: ArchiveReader, leg: LegRecord, geometry: ImageGeometry, options: MapPlan
) -> SkyMap:
    """Return the map of a box from one leg alone.

    Raises
    ------
    NoCoverageError
        If the leg did not see the box.
    """
    band = Band(leg.band)
    whole = LegTime(leg, ((round(leg.t0 * 1000), round(leg.t1 * 1000) + 1),))
    try:
        (made,) = make_maps(archive, band, geometry, [whole], options)
    except NoCoverageError as error:
        raise NoCoverageError(f"eclipse {leg.eclipse} leg {leg.leg}: {error}") from None
    named = replace(made, name=f"{made.name}-e{leg.eclipse:05d}-b{leg.leg:02d}")
    return _registering(archive, named, geometry, options, leg)


def _registering(
    archive: ArchiveReader,
    made: SkyMap,
    geometry: ImageGeometry,
    options: MapPlan,
    leg: LegRecord | None = None,
) -> SkyMap:
    """Return a map whose files are entered into the archive's products."""
    parameters: dict[str, Any] = {
        "ra": geometry.crval[0],
        "dec": geometry.crval[1],
        "shape": geometry.shape,
        "pixel": geometry.pixel,
        "edge": options.usable.edge,
        "time_ranges_ms": options.time_ranges,
        "depth": options.depth,
        "band": str(made.band),
    }
    enter = partial(entered, archive.catalogue, kind="map", parameters=parameters, leg=leg)
    return replace(made, entering=enter)
