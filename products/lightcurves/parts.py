"""Light curves of many positions in parts by place on the sky, for several processes to make.

Positions of a part are near each other, so that few legs are read for more than one part.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.kernels.healpix import spread_bits
from gphoton_db.products.apertures.sums import Measurement, legs_over
from gphoton_db.products.apertures.targets import Targets
from gphoton_db.products.fits.provenance import PROGRAM_VERSION
from gphoton_db.products.lightcurves.many import ROWS_AT_ONCE, Plan, counted, planned
from gphoton_db.products.masks.applied import absolute_mask, mask_meta
from gphoton_db.products.reader import ArchiveReader

Ints = NDArray[np.int64]

PARTS = 64
"""So many there are at least, of lists that are long enough for it."""

LEAST_ROWS = 5_000
"""A part of a short list has so many rows: to begin with a part takes longer than fewer."""

_BITS = 14
"""Of each coordinate of a place on a face of the cube: 25 arcsec and less."""


@dataclass(frozen=True, eq=False)
class Part:
    """Positions of a list that are near each other, and how they are measured.

    Parameters
    ----------
    name : str
        Of its file.
    state : str
        Another one, if its light curves may be others: for other positions, legs or choices.
    targets : Targets
        Its positions, n of them, in the order of the list.
    number, flags : (n,) int64
        Number of each in the list, from 0, and `PositionFlag`.
    how : Measurement
        Aperture, bins, bands.
    mask_sources : bool
        Whether known sources are left out of the background.
    """

    name: str
    state: str
    targets: Targets
    number: Ints
    flags: Ints
    how: Measurement
    mask_sources: bool

    def with_threads(self, threads: int) -> "Part":
        """Return the same, for so many threads."""
        return replace(self, how=replace(self.how, threads=threads))

    def plan(self, archive: ArchiveReader) -> Plan:
        """Return what is to be measured, for `many.blocks_of`; ``meta`` is of this part."""
        plan = planned(archive, self.targets, self.how, mask_sources=self.mask_sources)
        meta = plan.meta | counted(self.flags)
        return replace(plan, number=self.number, flags=self.flags, meta=meta)


def parts_of(archive: ArchiveReader, plan: Plan, *, mask_sources: bool) -> list[Part]:
    """Divide what is planned; each position is in one part, and there is one part at least."""
    targets, n_rows = plan.targets, plan.n_rows
    order = np.argsort(places_of(targets), kind="stable")
    most = min(max(plan.rows // PARTS, LEAST_ROWS), ROWS_AT_ONCE)
    # The part in which the last row of each position lies.
    last = (np.cumsum(n_rows[order]) - 1) // most
    edges = [0, *(np.flatnonzero(np.diff(last)) + 1).tolist(), len(targets)]
    rows = [np.sort(order[start:stop]) for start, stop in pairwise(edges)]
    # Others may work in another folder.
    how = replace(plan.how, mask=absolute_mask(plan.how.mask))
    chosen = zip(rows, _states(archive, plan, rows), strict=True)
    return [
        Part(
            f"part-{number:05d}",
            state,
            targets.take(of_part),
            plan.number[of_part],
            plan.flags[of_part],
            how,
            mask_sources,
        )
        for number, (of_part, state) in enumerate(chosen)
    ]


def described(how: Measurement) -> str:
    """Return in words what light curves depend on, but for the positions and the archive."""
    choices = (how.aperture, how.step_ms, how.ranges, how.nonlinear, mask_meta(how.mask))
    return f"{PROGRAM_VERSION} {[str(band) for band in how.bands]} {choices!r}"


def _states(archive: ArchiveReader, plan: Plan, rows: Sequence[Ints]) -> list[str]:
    """Return the `Part.state` of parts, which have these positions."""
    targets, how, known = plan.targets, plan.how, plan.known
    digests = [hashlib.sha256(described(how).encode()) for _ in rows]
    part = np.empty(len(targets), np.int64)
    for number, of_part in enumerate(rows):
        part[of_part] = number
    for leg in legs_over(archive, targets, how.bands, LegRecord):
        name = f"{leg.eclipse} {leg.band} {leg.leg} {leg.generation}\n".encode()
        for number in np.unique(part[targets.within(leg.ra0, leg.dec0, leg.radius)]).tolist():
            digests[number].update(name)
    rising = np.lexsort((known.ra, known.dec))
    reach = (how.aperture.largest_arcsec + known.radius) / 3600.0
    for digest, of_part in zip(digests, rows, strict=True):
        chosen = targets.take(of_part)
        for values in (plan.number[of_part], plan.flags[of_part], chosen.ra, chosen.dec):
            digest.update(values.tobytes())
        if len(known.ra) and not np.isnan(chosen.dec).all():
            edges = [np.nanmin(chosen.dec) - reach, np.nanmax(chosen.dec) + reach]
            first, last = np.searchsorted(known.dec[rising], edges)
            near = rising[first:last]
            digest.update(known.ra[near].tobytes() + known.dec[near].tobytes())
    return [digest.hexdigest() for digest in digests]


def places_of(targets: Targets) -> Ints:
    """Return numbers by which positions near each other are near in order; without one, the last.

    The sky is seen as six faces of a cube, and each face is gone through in quarters of quarters.
    """
    place = np.full(len(targets), np.iinfo(np.int64).max)
    known = np.flatnonzero(~np.isnan(targets.ra))
    vectors = targets.take(known).unit_vectors
    axis, rows = np.argmax(np.abs(vectors), axis=1), np.arange(len(known))
    largest = vectors[rows, axis]
    x, y = (vectors[rows, (axis + k) % 3] / np.abs(largest) for k in (1, 2))
    face = 2 * axis + (largest < 0)
    place[known] = face << 2 * _BITS | _spread(x) << 1 | _spread(y)
    return place


def _spread(value: NDArray[np.float64]) -> Ints:
    """Return numbers from -1 to 1 as whole ones, with a 0 between any two bits."""
    whole = np.clip((value + 1) / 2 * 2**_BITS, 0, 2**_BITS - 1).astype(np.int64)
    return np.asarray(spread_bits.py_func(whole))  # of an array, without a compiler
