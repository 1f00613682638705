"""Photons about one position, summed up over many legs at once.

A position that hundreds of visits saw has few photons in each leg: what is worked out leg by leg
would take longer than reading them.  Legs are put on one line of time, one after the other, so
that bins, pointing and photons of all of them are arrays; and sums are the same to the last bit.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Aspect
from gphoton_db.catalogue.records import SeenLeg
from gphoton_db.kernels.arrays import read_only
from gphoton_db.products.apertures.masked import cells_of, masked_photons
from gphoton_db.products.apertures.search import Search
from gphoton_db.products.apertures.sums import (
    COLUMNS,
    LEGS_AT_ONCE,
    LegSums,
    Measurement,
    added,
    covered_between,
    legs_over,
    legs_with_bins,
    sums_of,
)
from gphoton_db.products.apertures.targets import MaskedSources, Targets
from gphoton_db.products.apertures.work import KERNELS, expected_photons, is_quick
from gphoton_db.products.bins import Bins, bins_of_legs, on_one_line
from gphoton_db.products.kernels.aperture_sums import Sums
from gphoton_db.products.leg_tables import (
    LegKey,
    ListedFile,
    files_of_legs,
    key_of,
    paths_of,
    pauses_of_legs,
)
from gphoton_db.products.leg_times import aspects_of_legs
from gphoton_db.products.merged_photons import photons_of_legs_near
from gphoton_db.products.photon_batches import Photons, row_groups
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_boxes import SkyBox
from gphoton_db.progress import counter
from gphoton_db.system.compiling import compile_ahead
from gphoton_db.system.threads import in_order

Ints = NDArray[np.int64]

PHOTONS_AT_ONCE = 1_000_000
"""Photons about a position that are expected of the legs that are read at a time."""

LEGS_TOGETHER = 50
"""Legs whose photons are summed up in one go, each time in another thread."""


@dataclass(frozen=True, eq=False)
class PositionSums:
    """What some legs have of a position.

    Parameters
    ----------
    legs : sequence of SeenLeg
        The legs, at least one.
    pauses : sequence of (p, 2) int64
        When the shutter was closed in each, as `leg_tables.pauses_of_legs` has it.
    n_bins : (k,) int64
        Of each leg, m in all.
    bins : Bins
        Those of the first leg, of the second, ...
    sums : Sums
        (1, m).
    covered : (1, m) float64
        Part of each bin's seconds of pointing with the position in the detector's field; NaN
        without such a second.
    free : (1,) float64
        Part of the annulus that no known source covers.
    """

    legs: Sequence[SeenLeg]
    pauses: Sequence[Ints]
    n_bins: Ints
    bins: Bins
    sums: Sums
    covered: NDArray[np.float64]
    free: NDArray[np.float64]

    def of_legs(self, numbers: Iterable[int] | None = None) -> Iterator[tuple[int, LegSums]]:
        """Yield the numbers of legs, from 0, and what each of these has; None: all."""
        stop = np.cumsum(self.n_bins)
        for k in range(len(self.legs)) if numbers is None else numbers:
            a, b = int(stop[k] - self.n_bins[k]), int(stop[k])
            sums = Sums._make(each[:, a:b] for each in self.sums)
            target, bins, covered = (
                np.zeros(1, np.int64),
                self.bins.part(a, b),
                self.covered[:, a:b],
            )
            yield k, LegSums(self.legs[k], target, bins, sums, covered, self.free)


@dataclass(frozen=True, eq=False)
class _SeenLeg:
    """All of a leg but its photons."""

    leg: SeenLeg
    pauses: Ints
    bins: Bins
    aspect: Aspect


def sums_at_position(
    archive: ArchiveReader, target: Targets, how: Measurement, known: MaskedSources
) -> Iterator[PositionSums]:
    """Yield the sums of all legs that had a position in their field, by band and time.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the photons.
    target : Targets
        The position, one; if it is none, no leg saw it.
    how : Measurement
        Aperture, bins, bands.
    known : MaskedSources
        What does not belong to the background.
    """
    legs = legs_over(archive, target, how.bands, SeenLeg)
    if not is_quick(legs, how.aperture):
        compile_ahead(KERNELS, archive.on_progress)
    done = counter(archive.on_progress, "legs", len(legs))
    planned = legs_with_bins(legs, how)
    done(len(legs) - len(planned))
    if not planned:
        return
    # Each of the catalogue's files tells of both bands, and of many visits: they are read once.
    listed = [leg for leg, _ in planned]
    files, pauses = _files_and_pauses(archive, listed)
    search = Search.of(target, how.aperture, known)

    def read(archive: ArchiveReader, part: Sequence[tuple[SeenLeg, Ints]]) -> list[_SeenLeg]:
        return _without_photons(archive, part, files, pauses, how.threads)

    def read_aside(batch: tuple[ArchiveReader, Sequence[tuple[SeenLeg, Ints]]]) -> list[_SeenLeg]:
        with batch[0].connection:
            return read(*batch)

    starts = range(0, len(planned), LEGS_AT_ONCE)
    batches = ((_another(archive), planned[k : k + LEGS_AT_ONCE]) for k in starts)
    # A connection for a few legs would take longer than to read them.
    few = len(planned) <= LEGS_TOGETHER
    read_ahead = in_order(read_aside, batches, threads=how.threads)
    for seen in [read(archive, planned)] if few else read_ahead:
        for part in _sums_of_seen(archive, seen, files, target, how, known, search):
            yield part
            done(len(part.legs))


def _another(archive: ArchiveReader) -> ArchiveReader:
    """Return the same with a connection of its own, for another thread."""
    connection = archive.catalogue.another_reader(archive.connection)
    return replace(archive, connection=connection)


def _files_and_pauses(
    archive: ArchiveReader, legs: Sequence[SeenLeg]
) -> tuple[dict[LegKey, list[ListedFile]], dict[LegKey, Ints]]:
    """Read both, those of many legs at the same time."""
    if len(legs) <= LEGS_TOGETHER:
        return files_of_legs(archive, legs), pauses_of_legs(archive, legs)
    other = _another(archive)
    with other.connection, ThreadPoolExecutor(1) as executor:
        pauses = executor.submit(pauses_of_legs, other, legs)
        return files_of_legs(archive, legs), pauses.result()


def _without_photons(
    archive: ArchiveReader,
    planned: Sequence[tuple[SeenLeg, Ints]],
    files: Mapping[LegKey, Sequence[ListedFile]],
    pauses: Mapping[LegKey, Ints],
    threads: int,
) -> list[_SeenLeg]:
    """Read all but the photons of legs with bins."""
    legs, spans = [leg for leg, _ in planned], [spans for _, spans in planned]
    all_bins = bins_of_legs(archive, legs, spans, files, pauses, threads)
    aspects = aspects_of_legs(archive, legs, files)
    return [
        _SeenLeg(leg, pauses[key_of(leg)], bins, aspect)
        for leg, bins, aspect in zip(legs, all_bins, aspects, strict=True)
    ]


def sums_of_each_leg(
    archive: ArchiveReader, target: Targets, how: Measurement, known: MaskedSources
) -> Iterator[LegSums]:
    """Yield what `sums.sum_photons` does, for one position."""
    for part in sums_at_position(archive, target, how, known):
        yield from (each for _, each in part.of_legs())


def _sums_of_seen(
    archive: ArchiveReader,
    seen: Sequence[_SeenLeg],
    files: Mapping[LegKey, Sequence[ListedFile]],
    target: Targets,
    how: Measurement,
    known: MaskedSources,
    search: Search,
) -> Iterator[PositionSums]:
    """Yield the sums of legs, some legs at a time."""
    reach_deg = how.aperture.largest_arcsec / 3600.0
    box = SkyBox.around(float(target.ra[0]), float(target.dec[0]), reach_deg)
    start = 0
    while start < len(seen):
        legs = [each.leg for each in seen[start:]]
        expected = np.cumsum(expected_photons(legs, how.aperture))
        n = int(np.searchsorted(expected, PHOTONS_AT_ONCE))
        if n:
            photons = photons_of_legs_near(archive, legs[:n], files, box, COLUMNS)
            read = masked_photons(archive, legs[:n], photons, how.mask, how.threads)
            edges = range(0, n, LEGS_TOGETHER)
            parts = (
                (
                    seen[start + k : min(start + k + LEGS_TOGETHER, start + n)],
                    read[k : k + LEGS_TOGETHER],
                )
                for k in edges
            )
            yield from in_order(
                lambda part: _summed(*part, target, search), parts, threads=how.threads
            )
        else:
            groups = row_groups(paths_of(files[key_of(legs[0])], "photons"))
            cells = cells_of(archive, legs[0], how.mask, how.threads)
            sums, _ = sums_of(groups, target, how, known, seen[start].bins, cells)
            yield _with_sums(seen[start : start + 1], sums, target, search.free)
        start += max(n, 1)


def _summed(
    seen: Sequence[_SeenLeg], photons: Sequence[Photons], target: Targets, search: Search
) -> PositionSums:
    """Return the sums of legs whose photons were read."""
    origins = _origins(seen)
    columns = {name: np.concatenate([each[name] for each in photons]) for name in COLUMNS}
    columns["t_ms"] = on_one_line([each["t_ms"] for each in photons], origins)
    together = {name: read_only(column) for name, column in columns.items()}
    starts, stops = _edges(seen, origins)
    sums = added([search.find(together)], 1, Bins(starts, stops, np.empty(0)))
    # From the line back to the times of each leg, where there are any.
    back, found = np.concatenate([each.bins.t0_ms for each in seen]) - starts, sums.counts[0] > 0
    for extreme in (sums.first_ms, sums.last_ms):
        extreme[0, found] += back[found]
    return _with_sums(seen, sums, target, search.free)


def _with_sums(
    seen: Sequence[_SeenLeg], sums: Sums, target: Targets, free: NDArray[np.float64]
) -> PositionSums:
    origins = _origins(seen)
    aspects = [each.aspect for each in seen]
    ra, dec, flags = (
        np.concatenate([getattr(each, name) for each in aspects]) for name in ("ra", "dec", "flags")
    )
    time_ms = on_one_line([each.time_ms for each in aspects], origins)
    covered = covered_between(target, time_ms, (ra, dec), flags, _edges(seen, origins))
    bins = [each.bins for each in seen]
    return PositionSums(
        [each.leg for each in seen],
        [each.pauses for each in seen],
        np.array([len(each) for each in bins]),
        Bins.join(bins),
        sums,
        covered,
        free,
    )


def _origins(seen: Sequence[_SeenLeg]) -> Ints:
    return np.array([each.bins.t0_ms[0] for each in seen])


def _edges(seen: Sequence[_SeenLeg], origins: Ints) -> tuple[Ints, Ints]:
    """Return starts and ends of all bins on the line of the legs."""
    bins = [each.bins for each in seen]
    return (
        on_one_line([each.t0_ms for each in bins], origins),
        on_one_line([each.t1_ms for each in bins], origins),
    )
