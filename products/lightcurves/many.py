"""Light curves of many positions: in one table, or in blocks that memory holds."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import SeenLeg
from gphoton_db.errors import ProductError
from gphoton_db.products.apertures.one_position import sums_of_each_leg
from gphoton_db.products.apertures.sums import Measurement, legs_over, sum_photons
from gphoton_db.products.apertures.targets import MaskedSources, PositionFlag, Targets
from gphoton_db.products.bins import spans_of
from gphoton_db.products.kernels.aperture_sums import MOMENTS, WEIGHTS
from gphoton_db.products.lightcurves.lightcurve import as_table
from gphoton_db.products.lightcurves.make import description, known_sources, rows_of
from gphoton_db.products.lightcurves.rates import BinRows, columns_of
from gphoton_db.products.reader import ArchiveReader

if TYPE_CHECKING:
    from astropy.table import QTable

logger = logging.getLogger(__name__)

ROWS_AT_ONCE = 250_000
"""Rows of a block; one position may have more, and is a block of its own then."""

MOST_ROWS = 2_000_000
"""Rows of a table that is made as a whole."""

BYTES_OF_A_ROW = 1_000
"""What a row needs while its table is made, measured; for estimates."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be measured of many positions, and how many rows that makes.

    Parameters
    ----------
    targets : Targets
        The positions, n of them.
    number : (n,) int64
        Of each, in the list that it is of.
    how : Measurement
        Aperture, bins, bands.
    known : MaskedSources
        What does not belong to the background.
    legs : list of SeenLeg
        Those that have bins, and saw a position.
    n_rows : (n,) int64
        Rows of each position, at least one.
    flags : (n,) int64
        `PositionFlag` of each.
    meta : dict
        Of every table.
    """

    targets: Targets
    number: NDArray[np.int64]
    how: Measurement
    known: MaskedSources
    legs: list[SeenLeg]
    n_rows: NDArray[np.int64]
    flags: NDArray[np.int64]
    meta: dict[str, Any]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return int(self.n_rows.sum())


def plan_of(
    archive: ArchiveReader, targets: Targets, how: Measurement, *, mask_sources: bool
) -> Plan:
    """Return what is to be measured; what is wrong with positions is logged."""
    plan = planned(archive, targets, how, mask_sources=mask_sources)
    numbers = {f"{each.name}": plan.meta[f"N_{each.name}"] for each in PositionFlag}
    wrong = [f"{n} {name}".lower().replace("_", " ") for name, n in numbers.items() if n]
    if wrong:
        logger.warning("of %d positions: %s (kept, and flagged)", len(targets), ", ".join(wrong))
    return plan


def planned(
    archive: ArchiveReader, targets: Targets, how: Measurement, *, mask_sources: bool
) -> Plan:
    """Return what is to be measured, and log nothing; see `plan_of`."""
    known = known_sources(archive, targets, how, mask_sources)
    n_rows, legs = np.zeros(len(targets), np.int64), []
    for leg in legs_over(archive, targets, how.bands, SeenLeg):
        n_bins = len(spans_of(leg, how.step_ms, how.ranges))
        if n_bins:
            n_rows += n_bins * targets.within(leg.ra0, leg.dec0, leg.radius)
            legs.append(leg)
    flags = targets.flags
    nowhere = (n_rows == 0) & ~np.isnan(targets.ra)
    flags[nowhere] |= int(PositionFlag.OFF_FIELD)
    meta = description(legs, how, len(known.ra)) | counted(flags)
    number = np.arange(len(targets))
    return Plan(targets, number, how, known, legs, np.maximum(n_rows, 1), flags, meta)


def light_curves(
    archive: ArchiveReader, targets: Targets, how: Measurement, *, mask_sources: bool
) -> "QTable":
    """Return the light curves of many positions in one table.

    Returns
    -------
    astropy.table.QTable
        As a `LightCurve`, but for ``time``, and with ``position`` (the number of the position,
        from 0), ``ra``, ``dec`` and ``position_flags`` (`PositionFlag`) in front.  Positions
        without a light curve have one row all the same, whose band is empty.  Rows are ordered by
        position, band and time; ``meta`` counts what is wrong with positions.

    Raises
    ------
    ProductError
        If there would be more than `MOST_ROWS`; it says how many, and what else can be done.
    """
    plan = plan_of(archive, targets, how, mask_sources=mask_sources)
    return whole_table(archive, plan)


def whole_table(archive: ArchiveReader, plan: Plan) -> "QTable":
    """Return one table of all that is planned; see `light_curves`."""
    if plan.rows > MOST_ROWS:
        raise ProductError(
            f"the light curves of {len(plan.targets):,} positions have {plan.rows:,} rows, about "
            f"{plan.rows * BYTES_OF_A_ROW / 1e9:.1f} GB while they are made, and a table or a file "
            f"of this kind is made as a whole, of up to {MOST_ROWS:,} rows: write them to Parquet "
            "or CSV, which is done in blocks (--output FILE.parquet, "
            "archive.write_lightcurves(positions, 'FILE.parquet')), take the blocks one by one "
            "(archive.lightcurve_blocks(positions)), or give a longer step"
        )
    return _table_of(archive, plan, 0, len(plan.targets))


def light_curve_blocks(
    archive: ArchiveReader, targets: Targets, how: Measurement, *, mask_sources: bool
) -> "Iterator[QTable]":
    """Yield the table of `light_curves` in blocks of positions, in their order.

    Every block has the ``meta`` of the whole, and there is one at least.
    """
    yield from blocks_of(archive, plan_of(archive, targets, how, mask_sources=mask_sources))


def blocks_of(archive: ArchiveReader, plan: Plan) -> "Iterator[QTable]":
    """Yield all that is planned in blocks; see `light_curve_blocks`."""
    n = len(plan.targets)
    # The block in which the last row of each position lies.
    block = (np.cumsum(plan.n_rows) - 1) // ROWS_AT_ONCE
    edges = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), n]
    for number, (start, stop) in enumerate(pairwise(edges)):
        yield _table_of(archive.for_part(number, len(edges) - 1), plan, start, stop)
        logger.info("light curves of %s of %s positions are made", f"{stop:,}", f"{n:,}")


def _table_of(archive: ArchiveReader, plan: Plan, start: int, stop: int) -> "QTable":
    """Return the table of some positions, from one number to before another."""
    chosen = plan.targets.take(np.arange(start, stop))
    parts, numbers = [], []
    summed = sums_of_each_leg if len(chosen) == 1 else sum_photons
    for each in summed(archive, chosen, plan.how, plan.known):
        parts.append(rows_of(each, chosen))
        numbers.append(np.repeat(each.target, len(each.bins)))
    number = np.concatenate(numbers) if numbers else np.empty(0, np.int64)
    missing = np.setdiff1d(np.arange(len(chosen)), number)
    parts.append(_nothing(len(missing)))
    number = np.concatenate([number, missing])
    order = np.argsort(number, kind="stable")
    number = number[order] + start
    columns: dict[str, NDArray[Any]] = {
        "position": plan.number[number],
        "ra": plan.targets.ra[number],
        "dec": plan.targets.dec[number],
        "position_flags": plan.flags[number],
    }
    columns |= columns_of(
        BinRows.join(parts).take(order), plan.how.aperture, nonlinear=plan.how.nonlinear
    )
    return as_table(list(columns), columns, dict(plan.meta))


def counted(flags: NDArray[np.int64]) -> dict[str, int]:
    """Return how many positions there are, and have which flag, as ``meta`` says it."""
    numbers = {f"N_{each.name}": int((flags & each != 0).sum()) for each in PositionFlag}
    return {"N_POSITIONS": len(flags)} | numbers


def _nothing(n: int) -> BinRows:
    """Return rows of positions that no leg saw."""
    zero, nan = np.zeros(n, np.int64), np.full(n, np.nan)
    return BinRows(
        eclipse=zero,
        # As wide as a name, so that blocks of a file have columns of one kind.
        band=np.full(n, "", "U3"),
        leg=zero,
        t0_ms=zero,
        t1_ms=zero,
        exposure=nan,
        counts=zero,
        first_ms=zero,
        last_ms=zero,
        moments=np.zeros(n, MOMENTS),
        background_counts=zero,
        background=np.zeros(n, WEIGHTS),
        bits=zero.astype(np.uint8),
        covered=nan,
        free=np.ones(n),
        warnings=zero,
        bjd_tdb=nan,
    )
