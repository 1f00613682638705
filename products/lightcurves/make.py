"""Light curves from the photons in an aperture: of one position; `many` has those of a list."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.arrow_columns import values_of
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import NoCoverageError
from gphoton_db.mission import Band
from gphoton_db.products.apertures.sums import LegSums, Measurement, sum_photons
from gphoton_db.products.apertures.targets import MaskedSources, Targets
from gphoton_db.products.fits.provenance import TELESCOPE, legs_meta, program_meta
from gphoton_db.products.good_times import good_times
from gphoton_db.products.lightcurves.flags import LightCurveWarning, dither_warning
from gphoton_db.products.lightcurves.rates import BinRows, columns_of
from gphoton_db.products.lightcurves.times import barycentric_days
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.query.query import fetch

if TYPE_CHECKING:
    from gphoton_db.products.lightcurves.lightcurve import LightCurve

logger = logging.getLogger(__name__)

SMALLEST_MASK_ARCSEC = 12.8
"""Around known sources in the annulus; the aperture's radius where that is larger."""


def light_curve(
    archive: ArchiveReader, ra: float, dec: float, how: Measurement, *, mask_sources: bool
) -> "LightCurve":
    """Return the light curve of a position (deg).

    Raises
    ------
    NoCoverageError
        If no ingested leg had it in its field; it says what to ingest, if that is known.
    """
    from gphoton_db.products.lightcurves.lightcurve import LightCurve

    found, targets, n_known = sums_of_position(archive, ra, dec, how, mask_sources=mask_sources)
    legs = [each.leg for each in found]
    meta = description(legs, how, n_known)
    meta |= {"RA": ra, "DEC": dec, "GTI": good_times(archive, legs, how.ranges)}
    return LightCurve.of_rows(rows_of_all(found, targets), how.aperture, meta)


def plain_columns(
    archive: ArchiveReader, ra: float, dec: float, how: Measurement, *, mask_sources: bool
) -> dict[str, NDArray[Any]]:
    """Return the columns of `light_curve` but for times of other scales, as plain numbers.

    No astropy is imported for it, which takes longer than all else for one position.

    Raises
    ------
    NoCoverageError
        If no ingested leg had it in its field; it says what to ingest, if that is known.
    """
    found, targets, _ = sums_of_position(archive, ra, dec, how, mask_sources=mask_sources)
    none = [np.full((1, len(each.bins)), np.nan) for each in found]
    parts = zip(found, none, strict=True)
    rows = BinRows.join([rows_of(each, targets, unknown) for each, unknown in parts])
    columns = columns_of(rows, how.aperture)
    del columns["bjd_tdb"]
    return columns


def sums_of_position(
    archive: ArchiveReader, ra: float, dec: float, how: Measurement, *, mask_sources: bool
) -> tuple[list[LegSums], Targets, int]:
    """Return the sums of all legs, at least one; the position; how many sources were left out."""
    targets = Targets.of(np.array([ra]), np.array([dec]))
    known = known_sources(archive, targets, how, mask_sources)
    found = list(sum_photons(archive, targets, how, known))
    if not found:
        raise no_coverage(archive, ra, dec, how.bands)
    if not any(each.sums.counts.any() for each in found):
        logger.warning(
            "ra %.5f, dec %+.5f is covered by %d legs, but has no photons: the light curve is 0",
            *(ra, dec, len(found)),
        )
    return found, targets, len(known.ra)


def rows_of_all(found: Sequence[LegSums], targets: Targets) -> BinRows:
    """Return the sums of legs, at least one, as rows: for each leg as `rows_of`."""
    if len(targets) > 1:
        return BinRows.join([rows_of(each, targets) for each in found])
    # Of one target the times of all legs are worked out at once.
    middles = [(each.bins.t0_ms + each.bins.t1_ms) // 2 for each in found]
    days = barycentric_days(np.concatenate(middles), targets.unit_vectors)
    starts = np.cumsum([len(each) for each in middles])[:-1]
    parts = zip(found, np.split(days, starts, axis=1), strict=True)
    return BinRows.join([rows_of(each, targets, part) for each, part in parts])


def rows_of(part: LegSums, targets: Targets, bjd_tdb: NDArray[np.float64] | None = None) -> BinRows:
    """Return the sums of a leg as rows: bins of the first target, of the second, ...

    Parameters
    ----------
    part : LegSums
        Of the leg.
    targets : Targets
        Those whose numbers it has.
    bjd_tdb : (n, m) float64, optional
        Of the middles of the bins, days; None: worked out here.
    """
    bins, sums = part.bins, part.sums
    n, m = sums.counts.shape

    def every(values: Any) -> NDArray[Any]:
        return np.tile(values, n)

    if bjd_tdb is None:
        middle = (bins.t0_ms + bins.t1_ms) // 2
        bjd_tdb = barycentric_days(middle, targets.take(part.target).unit_vectors)
    length = (bins.t1_ms - bins.t0_ms) / 1000.0
    dither = dither_warning(sums, bins.exposure, length) * int(LightCurveWarning.DITHER)
    return BinRows(
        eclipse=np.full(n * m, part.leg.eclipse),
        band=np.full(n * m, part.leg.band),
        leg=np.full(n * m, part.leg.leg),
        t0_ms=every(bins.t0_ms),
        t1_ms=every(bins.t1_ms),
        exposure=every(bins.exposure),
        counts=sums.counts.ravel(),
        first_ms=sums.first_ms.ravel(),
        last_ms=sums.last_ms.ravel(),
        moments=sums.moments.ravel(),
        background_counts=sums.background_counts.ravel(),
        background=sums.background.ravel(),
        bits=sums.bits.ravel(),
        covered=part.covered.ravel(),
        free=np.repeat(part.free, m),
        warnings=np.repeat(dither, m),
        bjd_tdb=bjd_tdb.ravel(),
    )


def known_sources(
    archive: ArchiveReader, targets: Targets, how: Measurement, wanted: bool
) -> MaskedSources:
    """Return the archive's detected sources, where the background is to leave them out."""
    annulus, placed = how.aperture.annulus, targets.dec[~np.isnan(targets.dec)]
    if not wanted or annulus is None or not len(placed):
        return MaskedSources.none()
    # Archives on read-only media may be older than the view.
    if not archive.rows("SELECT 1 AS n FROM duckdb_views() WHERE view_name = 'sources'"):
        return MaskedSources.none()
    radius = max(SMALLEST_MASK_ARCSEC, how.aperture.radius)
    reach = (annulus[1] + radius) / 3600.0
    # As arrays: as rows of Python, those of a strip of the sky would fill the memory.
    found = fetch(
        archive.connection,
        "SELECT DISTINCT ra, dec FROM sources WHERE catalog = 'detected' AND dec BETWEEN "
        f"{float(placed.min()) - reach!r}::DOUBLE AND {float(placed.max()) + reach!r}::DOUBLE",
    ).arrow()
    known = Targets(*(values_of(found[name]).astype(np.float64) for name in ("ra", "dec")))
    if len(targets) == 1:
        near = known.within(float(targets.ra[0]), float(targets.dec[0]), reach)
        known = known.take(np.flatnonzero(near))
    return MaskedSources(known.ra, known.dec, radius)


def no_coverage(
    archive: ArchiveReader, ra: float, dec: float, wanted: Sequence[Band]
) -> NoCoverageError:
    """Return the error that says why there is nothing: not seen, not then, or not ingested."""
    at = archive.rows(f"FROM legs_at({ra!r}::DOUBLE, {dec!r}::DOUBLE)")
    at = [row for row in at if Band(row["band"]) in wanted]
    bands = " and ".join(wanted)
    place = f"ra {ra:.5f}, dec {dec:+.5f}"
    here = [row for row in at if row["ingested"]]
    if here:
        spans = f"{min(r['t0'] for r in here):.0f} to {max(r['t1'] for r in here):.0f}"
        return NoCoverageError(
            f"{place} was not seen in {bands} in these time ranges: the {len(here)} ingested legs "
            f"over it are of {spans} s (GALEX time), or have no good photons"
        )
    commands = sorted({f"gphoton-db ingest {row['eclipse']} {row['band']}" for row in at})
    if commands:
        more = f" (and {len(commands) - 3} more)" if len(commands) > 3 else ""
        return NoCoverageError(
            f"no ingested leg saw {place} in {bands}, but {len(commands)} known visits did: run "
            f"`{'`, `'.join(commands[:3])}`{more}"
        )
    return NoCoverageError(
        f"no coverage of {place} in {bands}: no visit that {archive.root} knows saw it; ingest "
        "one that did (gphoton-db ingest ECLIPSE BAND)"
    )


def description(legs: Sequence[LegRecord], how: Measurement, n_known: int) -> dict[str, Any]:
    """Return what a light curve's ``meta`` says of how it was made."""
    annulus = how.aperture.annulus
    return {
        TELESCOPE[0]: TELESCOPE[1],
        "RADIUS": how.aperture.radius,
        "ANNULUS": list(annulus) if annulus else None,
        "STEP": how.step_ms / 1000 if how.step_ms else None,
        "TIMES": [[a / 1000, b / 1000] for a, b in how.ranges] if how.ranges else None,
        "BANDS": [str(band) for band in how.bands],
        "METHOD": "photon",
        "SOURCES": n_known,
        **legs_meta(legs),
        "POINTING": sorted({leg.pointing_source for leg in legs}),
        **program_meta(),
    }
