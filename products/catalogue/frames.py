"""Catalogue entries in frames: into the archive's photometry, under the catalogue's own name."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.catalogue.sources import ENTRIES
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.catalogue.band_columns import BandSums
from gphoton_db.products.catalogue.merging import MergedSources
from gphoton_db.products.exposure import frame_exposures, table_of_spans
from gphoton_db.products.frame_times import FrameTimes, plan_frames
from gphoton_db.products.reader import ArchiveReader, observed_span_ms, read_ticks
from gphoton_db.products.sources.photometry import Photometry
from gphoton_db.products.sources.store import SourceFile, files_of_photometry

if TYPE_CHECKING:
    from astropy.table import Table

MOST_SUMS = 25_000_000
"""Sources times apertures times frames, in about 100 bytes each."""


def plan_entry_frames(
    legs: Mapping[Band, LegRecord], depth: float | None, n_apertures: int
) -> dict[Band, FrameTimes]:
    """Return the frames of each band, which start at the same times; none without a depth.

    Parameters
    ----------
    legs : mapping of Band to LegRecord
        The bands that there are.
    depth : float or None
        Length of a frame, s.
    n_apertures : int
        Sources times apertures.

    Raises
    ------
    ProductError
        If the depth is not valid, or there would be too many frames to hold.
    """
    if depth is None:
        return {}
    spans = {band: observed_span_ms(leg) for band, leg in legs.items()}
    grid = min(first for first, _ in spans.values())
    frames = {b: plan_frames(*span, depth, grid_ms=grid) for b, span in spans.items()}
    most = max(each.n_frames for each in frames.values())
    if most * n_apertures > MOST_SUMS:
        raise ProductError(
            f"frames of {depth:g} s are {most:,}, with {n_apertures:,} apertures each: give a "
            f"longer depth or fewer radii, for up to {MOST_SUMS:,} apertures in all"
        )
    return frames


def files_of_frames(
    archive: ArchiveReader,
    leg: LegRecord,
    merged: MergedSources,
    of: BandSums,
    frames: FrameTimes,
    depth: float,
) -> list[SourceFile]:
    """Return what entries have in each frame, and in the leg, as photometry of ``entries``."""
    from astropy import units
    from astropy.table import Table, vstack

    ticks = read_ticks(archive, leg)
    sources = Table({"source": np.arange(1, len(merged) + 1)})
    sources["ra"], sources["dec"] = merged.ra * units.deg, merged.dec * units.deg
    whole = table_of_spans([observed_span_ms(leg)], ticks, leg)
    photons, counts, variance, bits = of.sums.whole()
    parts = [
        _rows(of, (photons[:, None], counts[:, None], variance[:, None], bits[:, None]), whole, -1)
    ]
    in_frames = (of.sums.photons, of.sums.counts, of.sums.variance, of.sums.bits)
    parts.append(_rows(of, in_frames, frame_exposures(frames, ticks, leg), 0))
    table = vstack(parts, metadata_conflicts="silent")
    table.meta = {"RADII": list(of.radii), "N_FRAMES": frames.n_frames}
    return files_of_photometry(Photometry(leg, ENTRIES, "photon", depth, sources, table))


def _rows(of: BandSums, sums: Sequence[NDArray[Any]], spans: "Table", first: int) -> "Table":
    """Return tidy rows: sources, their apertures, their frames."""
    from astropy.table import Table

    photons, counts, variance, bits = (each.transpose(0, 2, 1) for each in sums)
    n, m, n_frames = photons.shape
    table = Table(
        {
            "source": np.repeat(np.arange(1, n + 1), m * n_frames),
            "radius": np.tile(np.repeat(np.asarray(of.radii), n_frames), n),
            "frame": np.tile(np.arange(n_frames, dtype=np.int32) + first, n * m),
        }
    )
    for name in ("t0", "t1", "exposure"):
        table[name] = np.tile(np.asarray(spans[name], np.float64), n * m)
    table["photons"], table["counts"] = photons.ravel(), counts.ravel()
    table["counts_err"], table["flags"] = np.sqrt(variance).ravel(), bits.ravel()
    return table
