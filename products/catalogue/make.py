"""From the photons of an eclipse to its catalogue."""

import logging
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.apertures.targets import Targets, haversines
from gphoton_db.products.catalogue.band_columns import BandSums, band_columns
from gphoton_db.products.catalogue.detections import BandField, detect_band
from gphoton_db.products.catalogue.frames import files_of_frames, plan_entry_frames
from gphoton_db.products.catalogue.merging import MergedSources, merge_bands
from gphoton_db.products.catalogue.options import REFERENCE_RADIUS, CatalogueOptions
from gphoton_db.products.catalogue.ring_photons import (
    free_sky,
    measure_sources,
    ring_limits,
)
from gphoton_db.products.catalogue.table import (
    LegEntries,
    entries_table,
    mask_metadata,
    with_key,
)
from gphoton_db.products.frame_times import FrameTimes
from gphoton_db.products.kernels.examples import CATALOGUE_GROUPS
from gphoton_db.products.kernels.rings import RingLimits
from gphoton_db.products.masks.make import masked_cells
from gphoton_db.products.objects.make_astrometry import off_legs
from gphoton_db.products.reader import ArchiveReader, LegChoice, legs_chosen
from gphoton_db.products.sources.make_photometry import usable_radii
from gphoton_db.products.sources.store import (
    SourceFile,
    file_of_entries,
    positions_digest,
    store,
)
from gphoton_db.progress import counter
from gphoton_db.system.compiling import compile_ahead

logger = logging.getLogger(__name__)

BandLegs = dict[Band, LegRecord]


def make_catalogue(
    open_reader: Callable[[], ArchiveReader],
    eclipse: int,
    leg: LegChoice,
    options: CatalogueOptions,
) -> pa.Table:
    """Return the entries of some legs of an eclipse, and keep them in the archive.

    Parameters
    ----------
    open_reader : callable
        Gives the archive as it is now.
    eclipse, leg, options
        See `Archive.catalogue`.

    Raises
    ------
    ProductError
        If the eclipse is not ingested, has no such leg or none with photons, or no radius is
        usable.
    """
    radii = usable_radii(options.radii)
    legs = legs_by_band(open_reader(), eclipse, leg)
    compile_ahead(CATALOGUE_GROUPS, open_reader().on_progress)
    tables = []
    numbers = sorted({number for _, number in legs})
    for nth, number in enumerate(numbers):
        of_leg = {band: legs[band, number] for band in Band if (band, number) in legs}
        seen = {band: each for band, each in of_leg.items() if _has_photons(each)}
        if seen:
            archive = open_reader().for_part(nth, len(numbers))
            tables.append(_make_leg(archive, seen, radii, options))
    for warning in off_legs(open_reader(), eclipse):
        logger.warning("%s (an earlier match)", warning)
    if not tables:
        raise ProductError(
            f"eclipse {eclipse}: no leg has photons on the detector, so there is no catalogue of it"
        )
    return pa.concat_tables(tables).replace_schema_metadata(mask_metadata(options.mask) or None)


def legs_by_band(
    archive: ArchiveReader,
    eclipse: int,
    leg: LegChoice,
    bands: Sequence[Band] = tuple(Band),
    of: str = "catalogue",
) -> dict[tuple[Band, int], LegRecord]:
    """Return the legs that were asked for, by band and number, of the bands that there are.

    `of` says what is made of them, where one is not there.

    Raises
    ------
    ProductError
        If there is none.
    """
    found: dict[tuple[Band, int], LegRecord] = {}
    problems = []
    for band in bands:
        try:
            legs = legs_chosen(archive, eclipse, band, "all" if leg is None else leg)
        except ProductError as error:
            problems.append(error)
            continue
        found |= {(band, each.leg): each for each in legs}
    if not found:
        raise problems[0]
    for problem in problems:
        logger.warning("%s of one band only: %s", of, problem)
    return found


def _has_photons(leg: LegRecord) -> bool:
    if leg.photon_t0 is not None:
        return True
    logger.warning(
        "eclipse %d %s leg %d: has no photons on the detector, and is left out",
        *(leg.eclipse, leg.band, leg.leg),
    )
    return False


def _make_leg(
    archive: ArchiveReader, legs: BandLegs, radii: Sequence[float], options: CatalogueOptions
) -> pa.Table:
    check_overlap(legs)
    add = counter(archive.on_progress, "bands", 2 * len(legs))
    fields = {}
    for band, leg in legs.items():
        fields[band] = detect_band(archive, leg, options)
        add(1)
    merged = merge_bands(fields)
    if not len(merged):
        leg = next(iter(legs.values()))
        logger.warning("eclipse %d leg %d: no sources found", leg.eclipse, leg.leg)
    reference = _reference(radii)
    columns = {}
    frames = plan_entry_frames(legs, options.depth, len(merged) * len(radii))
    files = [field.sources for field in fields.values()]
    limits = ring_limits(radii, reference)
    free = free_sky(Targets(merged.ra, merged.dec), limits)
    for band, field in fields.items():
        sums = _measure(archive, field, merged, radii, limits, free, frames.get(band), options)
        columns[band] = band_columns(sums)
        if options.depth is not None:
            files += files_of_frames(archive, field.leg, merged, sums, frames[band], options.depth)
        add(1)
    found = LegEntries(legs, fields, merged, columns, radii, reference)
    table = entries_table(found).replace_schema_metadata(mask_metadata(options.mask) or None)
    store(archive, [*files, _entries(legs, table, merged)])
    return with_key(table, found)


def _measure(
    archive: ArchiveReader,
    field: BandField,
    merged: MergedSources,
    radii: Sequence[float],
    limits: RingLimits,
    free: NDArray[np.float64],
    frames: FrameTimes | None,
    options: CatalogueOptions,
) -> BandSums:
    targets = Targets(merged.ra, merged.dec)
    cells = masked_cells(archive, field.leg, options.mask, options.threads)
    sums = measure_sources(
        archive, field.leg, targets, limits, free, frames, cells, options.threads
    )
    sky_map = field.background_at(merged.ra, merged.dec)
    return BandSums(field.band, field.exposure, radii, limits.reference, sums, sky_map)


def _reference(radii: Sequence[float]) -> int:
    """Return the number of the aperture of the plain columns."""
    return max(int(np.searchsorted(radii, REFERENCE_RADIUS, side="right")) - 1, 0)


def check_overlap(legs: Mapping[Band, LegRecord]) -> None:
    """Say so where the two bands of a leg looked at different fields."""
    if len(legs) < 2:
        return
    one, other = legs.values()
    apart = haversines(one.ra0, one.dec0, np.array([other.ra0]), np.array([other.dec0]))
    if np.degrees(2 * np.arcsin(np.sqrt(apart[0]))) > one.radius + other.radius:
        logger.warning(
            "eclipse %d leg %d: its bands saw different fields, so no source is in both",
            *(one.eclipse, one.leg),
        )


def _entries(legs: BandLegs, table: pa.Table, merged: MergedSources) -> SourceFile:
    leg, *others = legs.values()
    number = np.arange(1, len(merged) + 1)
    digest = positions_digest({"source": number, "ra": merged.ra, "dec": merged.dec})
    return file_of_entries(leg, others[0].generation if others else None, table, digest)
