"""The content of a leg's files: order, bounds and counts, and whether they agree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gphoton_db.arrow_columns import values_of
from gphoton_db.catalogue.records import FileRecord, LegRecord
from gphoton_db.exposure import Ticks
from gphoton_db.ingest.leg_files import read_manifest
from gphoton_db.intake.manifest import Manifest
from gphoton_db.paths import SECONDS
from gphoton_db.schemas import ASPECT, TICKS

PHOTON_COLUMNS = ("t_ms", "ra", "dec", "flags", "cell")

Columns = Mapping[str, NDArray[Any]]


@dataclass
class PhotonCounts:
    """What was counted in the photon files of a leg, a row group at a time.

    Parameters
    ----------
    ticks : Ticks
        Of the leg.
    """

    ticks: Ticks
    n: int = 0
    n_unflagged: int = 0
    last: tuple[int, int] | None = None
    messages: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._events = np.zeros(len(self.ticks.t_ms), np.int64)
        self._unflagged = np.zeros(len(self.ticks.t_ms), np.int64)
        self._elsewhere = 0

    def add(self, photons: Columns, name: str) -> None:
        """Add a row group."""
        t_ms, good = photons["t_ms"], photons["flags"] == 0
        at = np.searchsorted(self.ticks.t_ms, t_ms)
        at[at == len(self.ticks.t_ms)] = 0
        known = self.ticks.t_ms[at] == t_ms if len(self.ticks.t_ms) else np.zeros(len(at), bool)
        self._elsewhere += int((~known).sum())
        np.add.at(self._events, at[known], 1)
        np.add.at(self._unflagged, at[known & good], 1)
        self.n += len(t_ms)
        self.n_unflagged += int(good.sum())
        if not self._in_order(photons["cell"], t_ms):
            self.messages.append(f"{name}: is not in the order of cells and times")

    def against(self, leg: LegRecord) -> Iterator[str]:
        """Yield what does not agree with the leg and its ticks."""
        yield from self.messages
        for what, found, listed in (
            ("photons", self.n, leg.n_photons),
            ("unflagged photons", self.n_unflagged, leg.n_unflagged),
        ):
            if found != listed:
                yield f"has {found:,} {what}, and {listed:,} are listed"
        if self._elsewhere or (self._events != self.ticks.events).any():
            yield "its ticks are not those of its photons"
        elif (self._unflagged != self.ticks.unflagged).any():
            yield "its ticks have other numbers of unflagged photons than there are"

    def _in_order(self, cell: NDArray[Any], t_ms: NDArray[Any]) -> bool:
        # Those without a cell, -1, come last.
        key = np.where(cell < 0, np.iinfo(np.int32).max, cell).astype(np.int64)
        same = key[1:] == key[:-1]
        ordered = bool(((key[1:] > key[:-1]) | (same & (t_ms[1:] >= t_ms[:-1]))).all())
        if len(key):
            first, self_last = (int(key[0]), int(t_ms[0])), (int(key[-1]), int(t_ms[-1]))
            ordered &= self.last is None or first >= self.last
            self.last = self_last
        return ordered


def leg_messages(root: Path, leg: LegRecord, files: Sequence[FileRecord]) -> Iterator[str]:
    """Yield what is wrong with the content of a leg's files, each of which can be read.

    Parameters
    ----------
    root : Path
        The archive's folder.
    leg : LegRecord
        The leg, as the catalogue has it.
    files : sequence of FileRecord
        Its files, those of a kind in order.
    """
    kinds = ("photons", "ticks", "aspect")
    of_kind = {kind: [file for file in files if file.kind == kind] for kind in kinds}
    if [len(of_kind[kind]) for kind in ("ticks", "aspect")] != [1, 1]:
        yield "lacks its ticks or its aspect"
        return
    ticks_file = root / of_kind["ticks"][0].path
    ticks = _ticks(ticks_file)
    counts = PhotonCounts(ticks)
    for file in of_kind["photons"]:
        yield from _bounds_messages(root, file, counts)
    yield from counts.against(leg)
    if (np.diff(ticks.t_ms) <= 0).any():
        yield "its ticks are not in the order of time"
    yield from _seconds_messages(root, leg, files, ticks)
    yield from _aspect_messages(root / of_kind["aspect"][0].path, leg)
    if Manifest.from_json(read_manifest(ticks_file)[0]).leg != leg:
        yield "the manifest in its ticks says something else than the catalogue"


def _bounds_messages(root: Path, file: FileRecord, counts: PhotonCounts) -> Iterator[str]:
    bounds: list[tuple[float, float, float, float, float, float]] = []
    for photons in _row_groups(root / file.path, PHOTON_COLUMNS):
        counts.add(photons, file.path)
        placed = photons["cell"] >= 0
        if placed.any():
            kept = [photons[name][placed] for name in ("cell", "ra", "dec")]
            bounds.append(tuple(f(v) for v in kept for f in (np.min, np.max)))
    listed = (file.cell_min, file.cell_max, file.ra_min, file.ra_max, file.dec_min, file.dec_max)
    if not bounds:
        if listed[0] is not None:
            yield f"{file.path}: has no photon with a position, and bounds are listed"
        return
    low, high = np.min(bounds, axis=0)[[0, 2, 4]], np.max(bounds, axis=0)[[1, 3, 5]]
    found = tuple(np.stack([low, high], axis=1).ravel().tolist())
    if any(a is not None and a != b for a, b in zip(listed, found, strict=True)):
        yield f"{file.path}: has positions outside of the bounds that are listed, or they are wider"


def _seconds_messages(
    root: Path, leg: LegRecord, files: Sequence[FileRecord], ticks: Ticks
) -> Iterator[str]:
    for file in (each for each in files if each.kind == SECONDS):
        if leg.photon_t0 is None or leg.photon_t1 is None:
            yield f"{file.path}: is of a leg without good photons"
            continue
        expected = ticks.by_second(round(leg.photon_t0 * 1000), round(leg.photon_t1 * 1000))
        found = _ticks(root / file.path)
        for name in TICKS.names:
            if not np.array_equal(getattr(found, name), getattr(expected, name)):
                yield f"{file.path}: does not have the events of its ticks"
                break


def _aspect_messages(path: Path, leg: LegRecord) -> Iterator[str]:
    aspect = _columns(path, ASPECT.names)
    t_ms = aspect["t_ms"]
    if not len(t_ms) or (np.diff(t_ms) <= 0).any():
        yield "its aspect is empty, or not in the order of time"
    elif (t_ms[0] / 1000.0, t_ms[-1] / 1000.0) != (leg.t0, leg.t1):
        yield "its aspect is of other times than are listed"
    if not all(np.isfinite(aspect[name]).all() for name in ("ra", "dec", "roll")):
        yield "its aspect has positions that are not known"


def _ticks(path: Path) -> Ticks:
    columns = _columns(path, TICKS.names)
    return Ticks(*(columns[name].astype(np.int64) for name in TICKS.names))


def _columns(path: Path, names: Sequence[str]) -> Columns:
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        table = file.read(columns=list(names))
    return {name: values_of(table[name]) for name in names}


def _row_groups(path: Path, names: Sequence[str]) -> Iterator[Columns]:
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        for number in range(file.num_row_groups):
            table = file.read_row_group(number, columns=list(names))
            yield {name: values_of(table[name]) for name in names}
