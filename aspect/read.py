"""The pointing of one eclipse, from whatever form of it is on disk."""

import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

from gphoton_db.aspect.asprta import eclipse_in_name, read_asprta_legs
from gphoton_db.aspect.attitude import check_attitude, compare_with_coarse, missing_legs
from gphoton_db.aspect.consolidated import (
    ConsolidatedTables,
    read_consolidated_legs,
    read_consolidated_metadata,
)
from gphoton_db.aspect.legs import good_fixes
from gphoton_db.aspect.pointing import Leg, Pointing, VisitMetadata
from gphoton_db.aspect.scst import read_coarse_aspect, read_scst_legs, read_scst_metadata
from gphoton_db.aspect.tables import holds_eclipse, read_fits_table
from gphoton_db.errors import PointingError

log = logging.getLogger(__name__)

SEARCH_DEPTH = 2
"""A directory is searched together with its sub-directories down to this depth."""

_ONE_ECLIPSE = re.compile(r"e0*(\d+)(?:-|$)", re.IGNORECASE)
"""A file or folder with such a name is about one eclipse only."""

LOOKED_FOR = (
    "*asprta*.fits[.gz] (refined aspect), aspect*.parquet (consolidated tables), "
    "*scst*.fits[.gz] (spacecraft state)"
)


@dataclass(frozen=True)
class PointingFiles:
    """The files that may say something of one eclipse's pointing, in the order of their names.

    Parameters
    ----------
    asprta, scst : tuple of Path
        Mission files of the eclipse.
    consolidated : tuple of ConsolidatedTables
        The tables of each directory that has any.
    """

    asprta: tuple[Path, ...]
    scst: tuple[Path, ...]
    consolidated: tuple[ConsolidatedTables, ...]


@dataclass(frozen=True)
class KnownPointing:
    """What pointing files say of an eclipse: refined attitude, any attitude, metadata."""

    refined: bool
    attitude: bool
    metadata: bool


def eclipse_folder(folder: Path, eclipse: int) -> Path:
    """Return the folder of the tables of one eclipse in a folder of pointing files."""
    return folder / f"e{eclipse:05d}"


def known_pointing(path: Path, eclipse: int) -> KnownPointing:
    """Return what there is of the pointing of an eclipse, without reading it.

    Raises
    ------
    PointingError
        If a table that may hold it cannot be read.
    """
    if not path.exists():
        return KnownPointing(refined=False, attitude=False, metadata=False)
    files = find_pointing(path, eclipse)
    aspects = [file for tables in files.consolidated for file in tables.aspect]
    refined = bool(files.asprta) or any(holds_eclipse(file, eclipse) for file in aspects)
    metadata = bool(files.scst) or any(
        tables.metadata is not None and holds_eclipse(tables.metadata, eclipse)
        for tables in files.consolidated
    )
    return KnownPointing(refined, refined or bool(files.scst), metadata)


def read_pointing(path: str | Path, eclipse: int) -> Pointing:
    """Read everything about the pointing of an eclipse.

    The attitude comes from the refined aspect (asprta) if there is any, else from consolidated
    tables, else from the spacecraft state (scst, coarse).  The metadata comes from the scst
    file, and what that does not say from the consolidated metadata table.  Legs without a good
    fix are left out.

    Parameters
    ----------
    path : str or Path
        A directory, which is searched with its sub-directories down to `SEARCH_DEPTH` for any of
        these forms; or one file.  A Parquet file stands for the tables in its directory.
    eclipse : int
        The eclipse; files of other eclipses in a directory are ignored.

    Returns
    -------
    Pointing
        With at least one leg; ``files`` lists the files used, ``warnings`` what is odd in them.

    Raises
    ------
    PointingError
        If there is nothing of this eclipse, no good fix in it, a file of it cannot be read, or
        the attitude is not about its boresight, jumps, or is not where the scst says.
    """
    path = Path(path)
    files = find_pointing(path, eclipse)
    source, legs, used = _read_legs(files, eclipse)
    if not used:
        raise PointingError(
            f"no pointing of eclipse {eclipse} in {path} (directories are searched {SEARCH_DEPTH} "
            f"levels deep); looked for {LOOKED_FOR}"
        )
    observed = tuple(leg for leg in legs if good_fixes(leg.aspect).any())
    if not observed:
        raise PointingError(
            f"the aspect of eclipse {eclipse} has only gaps and bad flags, no leg with good "
            f"fixes: {', '.join(map(str, used))}"
        )
    metadata, metadata_files = _read_metadata(files, eclipse)
    odd = _check_legs(legs, observed, metadata, eclipse)
    if source != "scst" and files.scst:
        coarse = read_coarse_aspect(files.scst[0], eclipse)
        if coarse is not None:
            compare_with_coarse(observed, coarse, eclipse)
    for message in odd:
        log.warning("%s", message)
    all_files = dict.fromkeys(str(file) for file in (*used, *metadata_files))
    return Pointing(eclipse, observed, metadata, source, tuple(all_files), odd)


def find_pointing(path: Path, eclipse: int) -> PointingFiles:
    """Return the pointing files of an eclipse at a path (a file or a directory).

    Files and folders whose name begins with another eclipse (``e12345-``, ``e12345/``) are passed
    over unopened; of files
    whose name gives none, the header decides.  A file given by its own path is always taken, so
    that reading it can tell what is wrong with it.

    Raises
    ------
    PointingError
        If the path does not exist, or a file whose header must be asked cannot be read.
    """
    if path.is_dir():
        found = sorted(_files_below(path, SEARCH_DEPTH, eclipse))
    elif not path.exists():
        raise PointingError(f"{path}: there is no such file or directory of pointing files")
    elif path.suffix.lower() == ".parquet":
        found = sorted(file for file in path.parent.iterdir() if file.is_file())
        found = [file for file in found if file.suffix.lower() == ".parquet"]
    else:
        found = [path]
    by_form: dict[str, list[Path]] = {"asprta": [], "scst": []}
    for file in found:
        form = _form_of(file)
        if form and (file == path or _belongs(file, eclipse)):
            by_form[form].append(file)
    tables = [
        ConsolidatedTables.among(file for file in found if file.parent == directory)
        for directory in dict.fromkeys(file.parent for file in found)
    ]
    return PointingFiles(
        asprta=tuple(by_form["asprta"]),
        scst=tuple(by_form["scst"]),
        consolidated=tuple(t for t in tables if t.aspect or t.metadata),
    )


def merge_metadata(first: VisitMetadata, second: VisitMetadata) -> VisitMetadata:
    """Return the first metadata, with what it does not know filled in from the second."""
    missing = {
        field.name: getattr(second, field.name)
        for field in fields(first)
        if getattr(first, field.name) is None
    }
    return replace(first, **missing)


def _check_legs(
    legs: tuple[Leg, ...], observed: tuple[Leg, ...], metadata: VisitMetadata, eclipse: int
) -> tuple[str, ...]:
    """Return what is odd about legs that were read, of which some have good fixes.

    Raises
    ------
    PointingError
        If the attitude of one cannot be right.
    """
    odd = missing_legs([leg.number for leg in legs], metadata.planned_legs, eclipse)
    if len(observed) < len(legs):
        odd.append(f"eclipse {eclipse}: legs without a good fix are left out")
    for leg in observed:
        odd += check_attitude(leg, eclipse)
    return tuple(odd)


def _read_legs(files: PointingFiles, eclipse: int) -> tuple[str, tuple[Leg, ...], tuple[Path, ...]]:
    """Return the name of the best form there is, its legs, and the files used (none = nothing)."""
    if files.asprta:
        return "asprta", read_asprta_legs(files.asprta, eclipse), files.asprta
    for tables in files.consolidated:
        legs, used = read_consolidated_legs(tables, eclipse)
        if used:
            return "consolidated", legs, used
    if files.scst:
        log.info("eclipse %d: only coarse attitude, from %s", eclipse, files.scst[0])
        return "scst", read_scst_legs(files.scst[0], eclipse), files.scst[:1]
    return "", (), ()


def _read_metadata(files: PointingFiles, eclipse: int) -> tuple[VisitMetadata, list[Path]]:
    """Return what all forms together know of the visit, and the files used."""
    metadata, used = VisitMetadata(eclipse), []
    for file in files.scst[:1]:
        metadata = read_scst_metadata(file, eclipse)
        used.append(file)
    for tables in files.consolidated:
        more = tables.metadata and read_consolidated_metadata(tables.metadata, eclipse)
        if tables.metadata and more:
            metadata = merge_metadata(metadata, more)
            used.append(tables.metadata)
    return metadata, used


def _files_below(directory: Path, depth: int, eclipse: int) -> Iterator[Path]:
    """Yield the files below a directory, but for those whose names are of other eclipses.

    A folder may hold those of the whole mission, tens of thousands of files and folders.
    """
    try:
        with os.scandir(directory) as entries:
            found = [entry for entry in entries if _may_be_of(entry.name, eclipse)]
    except OSError as error:
        raise PointingError(f"{directory}: cannot be searched ({error})") from error
    for entry in found:
        if entry.is_file():
            yield Path(entry.path)
        elif depth and entry.is_dir():
            yield from _files_below(Path(entry.path), depth - 1, eclipse)


def _may_be_of(name: str, eclipse: int) -> bool:
    match = _ONE_ECLIPSE.match(name)
    return match is None or int(match[1]) == eclipse


def _form_of(file: Path) -> str | None:
    """Return which form of mission file a name stands for: asprta, scst or None."""
    name = file.name.lower()
    if not name.endswith((".fits", ".fits.gz", ".fit", ".fit.gz")):
        return None
    return next((form for form in ("asprta", "scst") if form in name), None)


def _belongs(file: Path, eclipse: int) -> bool:
    """Return whether a mission file is of an eclipse, by its name or else by its header."""
    named = eclipse_in_name(file)
    return eclipse == (named if named is not None else read_fits_table(file).number("ECLIPSE"))
