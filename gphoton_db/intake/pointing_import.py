"""Consolidated pointing tables of the whole mission, taken into an archive in one step."""

import shutil
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from gphoton_db.aspect.consolidated import ConsolidatedTables
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.visit_files import boresight_rows, metadata_rows, visits_of_states
from gphoton_db.catalogue.visits import BORESIGHT_SCHEMA, KnownVisits
from gphoton_db.errors import ArchiveError, PointingError
from gphoton_db.intake.pointing_tables import FORMS, ImportedTable, rewrite_table, sorting_session
from gphoton_db.intake.staging import folder_named
from gphoton_db.progress import Progress, no_progress
from gphoton_db.system.cores import usable_cores
from gphoton_db.system.durable import sync_file, sync_folder
from gphoton_db.system.inside import checked_inside, remove_folder

OLD_ENDING = ".old"
"""Of the folder that is being replaced: readers still find it there."""


@dataclass(frozen=True)
class PointingImport:
    """What was imported.

    Parameters
    ----------
    folder : Path
        Where the tables are now.
    tables : tuple of ImportedTable
        Those that were imported.
    kept : tuple of str
        Tables of an earlier import, of which the new folder had none.
    n_visits : int
        Eclipses whose metadata or boresights are known by it.
    seconds : float
        How long it took.
    """

    folder: Path
    tables: tuple[ImportedTable, ...]
    kept: tuple[str, ...]
    n_visits: int
    seconds: float


def import_tables(
    catalogue: Catalogue,
    directory: str | Path,
    *,
    threads: int | None = None,
    on_progress: Progress = no_progress,
) -> PointingImport:
    """Take the consolidated tables of a folder into the archive; see `Archive.import_pointing`."""
    start = time.monotonic()
    paths = catalogue.paths
    sources, states = _look_into(Path(directory).expanduser())
    if not sources:
        visits = visits_of_states(states)
        catalogue.note_visits(visits)
        seconds = time.monotonic() - start
        return PointingImport(paths.consolidated, (), (), visits.n_eclipses, seconds)
    try:
        with folder_named(paths.staging, "pointing", "import of pointing") as staged:
            new = staged / "new"
            new.mkdir()
            with sorting_session(staged / "spill", threads or usable_cores()) as session:
                tables = _rewritten(session, sources, new, on_progress)
            visits = _visits(new, states)
            place = _Place(
                paths.root, paths.consolidated, new, {kind for kind, _ in sources.values()}
            )
            catalogue.note_visits(visits, files=place.taken())
    except OSError as error:
        raise ArchiveError(
            f"{error.filename or paths.root}: {error.strerror or error}; the pointing of the "
            f"archive at {paths.root} is as it was"
        ) from None
    return PointingImport(
        paths.consolidated,
        tables,
        tuple(place.kept),
        visits.n_eclipses,
        time.monotonic() - start,
    )


def _rewritten(
    session: duckdb.DuckDBPyConnection,
    sources: Mapping[str, tuple[str, Path]],
    folder: Path,
    on_progress: Progress,
) -> tuple[ImportedTable, ...]:
    """Write tables (name to kind and file) anew into a folder."""
    return tuple(
        rewrite_table(
            session, FORMS[kind], source, folder / f"{name}.parquet", on_progress=on_progress
        )
        for name, (kind, source) in sources.items()
    )


def _look_into(directory: Path) -> tuple[dict[str, tuple[str, Path]], list[Path]]:
    """Return the tables in a folder (name to kind and file), and its spacecraft states."""
    try:
        files = sorted(file for file in directory.iterdir() if file.is_file())
    except OSError as error:
        raise PointingError(
            f"{directory}: cannot be searched for tables ({error.strerror})"
        ) from None
    found = ConsolidatedTables.among(files)
    sources = {
        "aspect" + (str(number) if number > 1 else ""): ("aspect", file)
        for number, file in enumerate(found.aspect, start=1)
    }
    others = {
        "boresight": found.boresight,
        "metadata": found.metadata,
        "leg-aperture": found.leg_aperture,
    }
    sources |= {name: (name, file) for name, file in others.items() if file}
    states = [file for file in files if "scst" in file.name.lower()]
    if not sources and not states:
        raise PointingError(
            f"{directory}: holds none of the consolidated tables {', '.join(FORMS)} (.parquet), "
            "and no spacecraft state (scst)"
        )
    return sources, states


def _visits(folder: Path, states: list[Path]) -> KnownVisits:
    """Return what the new tables, and spacecraft states, say of visits."""
    said = visits_of_states(states)
    metadata, boresight = folder / "metadata.parquet", folder / "boresight.parquet"
    tables = [metadata_rows(metadata)] if metadata.exists() else []
    return KnownVisits(
        pa.concat_tables([said.metadata, *tables]),
        boresight_rows(boresight) if boresight.exists() else BORESIGHT_SCHEMA.empty_table(),
        said.planned,
    )


@dataclass(frozen=True, eq=False)
class _Place:
    """The folder of consolidated tables of an archive, and the one that is to take its place."""

    root: Path
    target: Path
    new: Path
    kinds: Collection[str]
    kept: list[str] = field(default_factory=list)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Put the new folder in place; take it back where the block fails.

        Tables of other kinds than those that are new come along.  Readers that have the old files
        open keep them, and a process that dies half-way leaves the old folder where it is found.
        """
        checked_inside(self.root, self.target)
        old = self.target.with_name(self.target.name + OLD_ENDING)
        if old.exists() and not self.target.exists():
            old.rename(self.target)  # of a process that died
        remove_folder(self.root, old)
        self._keep_others()
        _sync(self.new)
        self.target.parent.mkdir(parents=True, exist_ok=True)
        if self.target.exists():
            self.target.rename(old)
        try:
            self.new.rename(self.target)
            sync_folder(self.target.parent)
            yield
        except BaseException:
            if self.target.exists():
                self.target.rename(self.new)
            if old.exists():
                old.rename(self.target)
            raise
        remove_folder(self.root, old)

    def _keep_others(self) -> None:
        for file in sorted(self.target.glob("*.parquet")):
            if file.stem.rstrip("0123456789") not in self.kinds:
                shutil.copy2(file, self.new / file.name)
                self.kept.append(file.stem)


def _sync(folder: Path) -> None:
    """Force the files of a folder, and their names, to the disk."""
    for file in folder.iterdir():
        sync_file(file)
    sync_folder(folder)
