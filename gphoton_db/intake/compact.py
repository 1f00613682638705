"""Merging the photons of fields that were seen again and again; see `Archive.compact`.

Every visit has files of its own, and opening a thousand of them takes longer than what is read.
Where many legs look at the same place, their photons are copied into common files.  The legs' own
files stay: they are what counts, and what knows the eclipse reads them.
"""

import logging
import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import separation
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.file import locked
from gphoton_db.catalogue.inserts import insert
from gphoton_db.catalogue.merged import FILES, forget_sets
from gphoton_db.catalogue.strays import paths_in, remove_unlisted
from gphoton_db.errors import ArchiveError
from gphoton_db.intake.merging import (
    MergedFile,
    MergedTable,
    write_merged,
    write_merged_table,
)
from gphoton_db.intake.options import FEWEST_LEGS
from gphoton_db.intake.staging import folder_named
from gphoton_db.paths import ArchivePaths
from gphoton_db.progress import Progress, no_progress, one_by_one
from gphoton_db.query.constants import PATCH_REACH_DEG
from gphoton_db.schemas import MERGED_TABLES
from gphoton_db.system.cores import usable_cores
from gphoton_db.system.durable import move_durably
from gphoton_db.system.inside import inside

logger = logging.getLogger(__name__)

WITHIN_DEG = 0.25
"""How far from each other the boresights of a set are, so that most of their fields overlap."""

WHAT = "merging photons of deep fields"


@dataclass(frozen=True)
class LegToMerge:
    """A leg, its patch of the sky, and its field: boresight and radius, deg."""

    eclipse: int
    band: str
    leg: int
    generation: str
    patch: int
    ra0: float
    dec0: float
    radius: float


@dataclass(frozen=True)
class Compacted:
    """What was merged: sets, legs, photons, and bytes of the new files."""

    n_sets: int = 0
    n_legs: int = 0
    n_photons: int = 0
    size_bytes: int = 0


def compact(
    catalogue: Catalogue,
    *,
    fewest: int | None = None,
    again: bool = False,
    threads: int | None = None,
    on_progress: Progress = no_progress,
) -> Compacted:
    """Merge the photons of legs that look at the same place; see `Archive.compact`."""
    fewest = FEWEST_LEGS if fewest is None else fewest
    if fewest < 2:
        raise ArchiveError(f"{fewest} legs make no set: give 2 or more")
    paths, total = catalogue.paths, Compacted()
    try:
        with folder_named(paths.staging, "compact", WHAT) as folder:
            _remove_strays(catalogue)
            _forget_all(catalogue) if again else _forget_lost(catalogue)
            sets = sets_of(_legs(catalogue), fewest)
            for number, legs in enumerate(one_by_one(sets, on_progress, "fields")):
                done = _merge(catalogue, legs, folder / str(number), threads or usable_cores())
                total = Compacted(
                    total.n_sets + done.n_sets,
                    total.n_legs + done.n_legs,
                    total.n_photons + done.n_photons,
                    total.size_bytes + done.size_bytes,
                )
    except OSError as error:
        raise ArchiveError(
            f"{error.filename or paths.root}: {error.strerror or error}; fields that are in no "
            "common files (with --again maybe all) are read from the legs' own; to go on, run "
            "compact once more"
        ) from None
    return total


def sets_of(legs: Sequence[LegToMerge], fewest: int) -> list[list[LegToMerge]]:
    """Return sets of legs of a band and patch whose boresights are near that of one of them.

    The leg with the most others about it comes first; what is left over is in no set.
    """
    groups = defaultdict(list)
    for leg in legs:
        groups[leg.band, leg.patch].append(leg)
    found = []
    for _, group in sorted(groups.items()):
        near = _distances(group) <= WITHIN_DEG
        left = np.ones(len(group), bool)
        while True:
            counts = (near & left).sum(axis=1) * left
            seed = int(counts.argmax())
            if counts[seed] < fewest:
                break
            chosen = near[seed] & left
            left &= ~chosen
            others = [k for k in np.flatnonzero(chosen).tolist() if k != seed]
            found.append([group[seed], *(group[k] for k in others)])
    return found


def _distances(legs: Sequence[LegToMerge]) -> NDArray[np.float64]:
    """Return how far the boresights of legs are from each other, deg, (n, n)."""
    ra, dec = (np.array([getattr(leg, name) for leg in legs]) for name in ("ra0", "dec0"))
    return separation(ra[:, None], dec[:, None], ra, dec)


def _legs(catalogue: Catalogue) -> list[LegToMerge]:
    """Return the legs that are in no set yet, by eclipse and number."""
    with catalogue.reader() as connection:
        rows = connection.execute(
            "SELECT eclipse, band, leg, generation, sky_patches(ra0, dec0, 0, 0)[1], ra0, dec0, "
            f"radius FROM legs WHERE radius <= {PATCH_REACH_DEG} AND n_photons > 0 "
            "AND (eclipse, band, leg) NOT IN (SELECT (eclipse, band, leg) FROM merged_legs) "
            "ORDER BY eclipse, band, leg"
        ).fetchall()
    return [LegToMerge(*row) for row in rows]


def _merge(
    catalogue: Catalogue, legs: Sequence[LegToMerge], folder: Path, threads: int
) -> Compacted:
    """Write the files of a set, and list them, unless a leg is no longer what it was."""
    folder.mkdir(parents=True)
    name = secrets.token_hex(6)
    own, band = _files_of(catalogue, legs), legs[0].band
    files = list(write_merged(own["photons"], folder, name, band, threads))
    kinds = [kind for kind in MERGED_TABLES if kind in own]
    tables = [write_merged_table(kind, own[kind], folder, name, band) for kind in kinds]
    if not files or not _list(catalogue, name, legs, files, tables, folder):
        return Compacted()
    n_photons = sum(file.n_rows for file in files)
    size = sum(file.size_bytes for file in files) + sum(table.size_bytes for table in tables)
    return Compacted(1, len(legs), n_photons, size)


def _files_of(catalogue: Catalogue, legs: Sequence[LegToMerge]) -> dict[str, list[Path]]:
    """Return the files of legs by kind, in the order of eclipse, leg and part."""
    keys = {(leg.eclipse, leg.band, leg.leg) for leg in legs}
    eclipses = sorted({leg.eclipse for leg in legs})
    with catalogue.reader() as connection:
        rows = connection.execute(
            f"SELECT eclipse, band, leg, kind, path FROM rows_of('leg_files', {eclipses}) "
            "ORDER BY eclipse, leg, part"
        ).fetchall()
    found = defaultdict(list)
    for *key, kind, path in rows:
        if tuple(key) in keys:
            found[kind].append(inside(catalogue.paths.root, path))
    return found


def _list(
    catalogue: Catalogue,
    name: str,
    legs: Sequence[LegToMerge],
    files: Sequence[MergedFile],
    tables: Sequence[MergedTable],
    folder: Path,
) -> bool:
    """Put files into the archive and list them, in one commit; False: a leg has changed."""
    seed = legs[0]
    reach = float((_distances(legs)[0] + [leg.radius for leg in legs]).max())
    place = {"merged": name, "band": seed.band, "patch": seed.patch}
    circle = {"ra0": seed.ra0, "dec0": seed.dec0, "radius": reach}
    paths = catalogue.paths
    with locked(paths):
        if not _are_there(catalogue, legs):
            logger.warning(
                "a field was ingested again while it was being merged: it stays as it is"
            )
            return False
        for name_of_file in [each.name for each in files] + [each.name for each in tables]:
            move_durably(folder / name_of_file, paths.root / name_of_file)
        with catalogue.changing() as connection:
            insert(connection, "merged_files", [
                {**place, **circle, "part": file.part, "path": file.name, "n_rows": file.n_rows,
                 "size_bytes": file.size_bytes, "sha256": file.sha256, **file.bounds}
                for file in files
            ])  # fmt: skip
            insert(connection, "merged_tables", [
                {"merged": name, "kind": file.kind, "path": file.name, "n_rows": file.n_rows,
                 "size_bytes": file.size_bytes, "sha256": file.sha256}
                for file in tables
            ])  # fmt: skip
            insert(connection, "merged_legs", [
                {"merged": name, "eclipse": leg.eclipse, "band": leg.band, "leg": leg.leg,
                 "generation": leg.generation}
                for leg in legs
            ])  # fmt: skip
    return True


def _are_there(catalogue: Catalogue, legs: Sequence[LegToMerge]) -> bool:
    eclipses = sorted({leg.eclipse for leg in legs})
    with catalogue.reader() as connection:
        rows = connection.execute(
            f"SELECT eclipse, band, leg, generation FROM rows_of('legs', {eclipses})"
        ).fetchall()
    return {(leg.eclipse, leg.band, leg.leg, leg.generation) for leg in legs} <= set(rows)


def _forget_lost(catalogue: Catalogue) -> None:
    """Take out the sets of which a file is gone, or cut off: their legs are merged anew."""
    with locked(catalogue.paths):
        with catalogue.reader() as connection:
            rows = connection.execute(f"SELECT merged, path, size_bytes FROM {FILES}").fetchall()
        lost = {name for name, path, size in rows if not _is_there(catalogue.paths, path, size)}
        if lost:
            logger.warning("%d merged fields lack files: they are merged anew", len(lost))
            with catalogue.changing() as connection:
                forget_sets(connection, sorted(lost))


def _is_there(paths: ArchivePaths, path: str, size: int) -> bool:
    try:
        return inside(paths.root, path).stat().st_size == size
    except OSError:
        return False


def _forget_all(catalogue: Catalogue) -> None:
    with locked(catalogue.paths), catalogue.changing() as connection:
        names = connection.execute("SELECT DISTINCT merged FROM merged_legs").fetchall()
        forget_sets(connection, [name for (name,) in names])


def _remove_strays(catalogue: Catalogue) -> None:
    """Remove merged files that nothing lists: of a process that died, or a lost catalogue."""
    root = catalogue.paths.root
    with locked(catalogue.paths), catalogue.reader() as connection:
        known = paths_in(connection, FILES) | paths_in(connection, "superseded_files")
        remove_unlisted(root, (root / "merged").glob("band=*/*.parquet"), known)
