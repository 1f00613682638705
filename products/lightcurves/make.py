"""Light curves from the photons in an aperture: of one position; `many` has those of a list."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.arrow_columns import values_of
from gphoton_db.catalogue.records import AnyLeg
from gphoton_db.errors import NoCoverageError
from gphoton_db.mission import Band
from gphoton_db.products.apertures.one_position import PositionSums, sums_at_position
from gphoton_db.products.apertures.sums import LegSums, Measurement
from gphoton_db.products.apertures.targets import MaskedSources, Targets
from gphoton_db.products.bins import Bins
from gphoton_db.products.fits.provenance import TELESCOPE, legs_meta, program_meta
from gphoton_db.products.good_times import good_times
from gphoton_db.products.kernels.aperture_sums import Sums
from gphoton_db.products.leg_tables import key_of
from gphoton_db.products.lightcurves.bits import LightCurveWarning
from gphoton_db.products.lightcurves.flags import (
    DITHER_BINS,
    DITHER_COUNTS,
    dither_warning,
    ramp_up,
)
from gphoton_db.products.lightcurves.rates import BinRows, columns_of
from gphoton_db.products.lightcurves.times import barycentric_days
from gphoton_db.products.masks.applied import mask_meta
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
    legs = [leg for each in found for leg in each.legs]
    pauses = {
        key_of(leg): of_leg
        for each in found
        for leg, of_leg in zip(each.legs, each.pauses, strict=True)
    }
    meta = description(legs, how, n_known)
    meta |= {"RA": ra, "DEC": dec, "GTI": good_times(archive, legs, how.ranges, pauses)}
    middles = [(each.bins.t0_ms + each.bins.t1_ms) // 2 for each in found]
    days = barycentric_days(np.concatenate(middles), targets.unit_vectors)
    return LightCurve.of_rows(rows_of_all(found, days[0]), how.aperture, meta)


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
    found, _, _ = sums_of_position(archive, ra, dec, how, mask_sources=mask_sources)
    unknown = np.full(sum(len(each.bins) for each in found), np.nan)
    columns = columns_of(rows_of_all(found, unknown), how.aperture, nonlinear=how.nonlinear)
    del columns["bjd_tdb"]
    return columns


def sums_of_position(
    archive: ArchiveReader, ra: float, dec: float, how: Measurement, *, mask_sources: bool
) -> tuple[list[PositionSums], Targets, int]:
    """Return the sums of all legs, at least one; the position; how many sources were left out."""
    targets = Targets.of(np.array([ra]), np.array([dec]))
    known = known_sources(archive, targets, how, mask_sources)
    found = list(sums_at_position(archive, targets, how, known))
    if not found:
        raise no_coverage(archive, ra, dec, how.bands)
    if not any(each.sums.counts.any() for each in found):
        logger.warning(
            "ra %.5f, dec %+.5f is covered by %d legs, but has no photons: the light curve is 0",
            *(ra, dec, sum(len(each.legs) for each in found)),
        )
    return found, targets, len(known.ra)


def rows_of_all(found: Sequence[PositionSums], bjd_tdb: NDArray[np.float64]) -> BinRows:
    """Return the sums of legs as rows, as `rows_of` those of each.

    Parameters
    ----------
    found : sequence of PositionSums
        At least one.
    bjd_tdb : (n,) float64
        Of the middles of all bins, days.
    """
    ends = np.cumsum([len(each.bins) for each in found])
    parts = zip(found, np.split(bjd_tdb, ends[:-1]), strict=True)
    return BinRows.join([_rows_of_legs(each, days) for each, days in parts])


def _rows_of_legs(part: PositionSums, bjd_tdb: NDArray[np.float64]) -> BinRows:
    bins = part.bins

    def every(values: list[Any]) -> NDArray[Any]:
        return np.repeat(np.array(values), part.n_bins)

    return BinRows(
        eclipse=every([leg.eclipse for leg in part.legs]),
        band=every([leg.band for leg in part.legs]),
        leg=every([leg.leg for leg in part.legs]),
        t0_ms=bins.t0_ms,
        t1_ms=bins.t1_ms,
        exposure=bins.exposure,
        **_columns_of_sums(part.sums),
        covered=part.covered[0],
        free=np.repeat(part.free, len(bins)),
        warnings=every(_dither_warnings(part)) | _ramp_up_warnings(part),
        bjd_tdb=bjd_tdb,
    )


def _dither_warnings(part: PositionSums) -> list[int]:
    """Return the warning, or 0, of each leg; few have enough bins and photons to be asked."""
    # Visits are short, most of them: see `dither_warning` for what is too little.
    counts = np.add.reduceat(part.sums.counts[0], np.cumsum(part.n_bins) - part.n_bins)
    enough = (part.n_bins >= DITHER_BINS) & (counts >= DITHER_COUNTS)
    found = [0] * len(part.legs)
    for number, each in part.of_legs(np.flatnonzero(enough).tolist()):
        warned = dither_warning(each.sums, each.bins.exposure, lengths_of(each.bins))
        found[number] = int(warned[0]) * int(LightCurveWarning.DITHER)
    return found


def _ramp_up_warnings(part: PositionSums) -> NDArray[np.int64]:
    ends = np.cumsum(part.n_bins)
    edges = (np.split(times, ends[:-1]) for times in (part.bins.t0_ms, part.bins.t1_ms))
    return np.concatenate([ramp_up(*each) for each in zip(part.legs, *edges, strict=True)])


def _columns_of_sums(sums: Sums) -> dict[str, Any]:
    names = ("counts", "first_ms", "last_ms", "moments", "background_counts", "background", "bits")
    return {name: getattr(sums, name).ravel() for name in names}


def lengths_of(bins: Bins) -> NDArray[np.float64]:
    """Return the lengths of bins, s."""
    return np.asarray((bins.t1_ms - bins.t0_ms) / 1000.0)


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
    dither = dither_warning(sums, bins.exposure, lengths_of(bins)) * int(LightCurveWarning.DITHER)
    return BinRows(
        eclipse=np.full(n * m, part.leg.eclipse),
        band=np.full(n * m, part.leg.band),
        leg=np.full(n * m, part.leg.leg),
        t0_ms=every(bins.t0_ms),
        t1_ms=every(bins.t1_ms),
        exposure=every(bins.exposure),
        **_columns_of_sums(sums),
        covered=part.covered.ravel(),
        free=np.repeat(part.free, m),
        warnings=np.repeat(dither, m) | every(ramp_up(part.leg, bins.t0_ms, bins.t1_ms)),
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


def description(legs: Sequence[AnyLeg], how: Measurement, n_known: int) -> dict[str, Any]:
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
        **({"NONLINEAR": True} if how.nonlinear else {}),
        "SOURCES": n_known,
        **mask_meta(how.mask),
        **legs_meta(legs),
        "POINTING": sorted({leg.pointing_source for leg in legs}),
        **program_meta(),
    }
