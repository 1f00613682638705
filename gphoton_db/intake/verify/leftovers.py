"""Files that killed processes left in an archive: they harm nobody, and take room."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

import duckdb

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.file import locked
from gphoton_db.catalogue.merged import FILES as MERGED_FILES
from gphoton_db.catalogue.product_notes import settle
from gphoton_db.catalogue.strays import paths_in, unlisted
from gphoton_db.intake.pointing_import import OLD_ENDING
from gphoton_db.mission import ECLIPSES_PER_BLOCK
from gphoton_db.paths import FILE_KINDS, SURVEY, ArchivePaths
from gphoton_db.schemas import OF_SOURCES
from gphoton_db.system.inside import remove_file, remove_folder
from gphoton_db.system.leftovers import abandoned_files

_WRITTEN_BESIDE = ("products", "calibration", SURVEY, *OF_SOURCES)
"""Folders with files that are hidden while they are written."""


def left_over(connection: duckdb.DuckDBPyConnection, root: Path) -> Iterator[Path]:
    """Yield files of an archive that its catalogue does not list and that nobody is writing.

    Files that another process puts in place just now are among them, if it has not committed yet.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue.
    root : Path
        The archive's folder.
    """
    kept = paths_in(connection, "superseded_files")
    for kinds, table in ((FILE_KINDS, "leg_files"), (tuple(OF_SOURCES), "source_files")):
        for eclipses, files in _blocks(root, kinds):
            known = paths_in(connection, f"rows_of('{table}', {eclipses})")
            yield from unlisted(root, files, kept | known)
    merged = paths_in(connection, MERGED_FILES)
    yield from unlisted(root, (root / "merged").glob("band=*/*.parquet"), kept | merged)
    listed = paths_in(connection, "survey_files")
    yield from unlisted(root, (root / SURVEY).glob("*.parquet"), kept | listed)
    yield from _replaced_pointing(root)
    for folder in (root, *(root / name for name in _WRITTEN_BESIDE)):
        yield from abandoned_files(folder)
        if folder != root:
            for below in folder.rglob("*"):
                if below.is_dir():
                    yield from abandoned_files(below)


def clear(catalogue: Catalogue) -> int:
    """Remove what is left over, while nobody can commit; return how many files that were."""
    paths = catalogue.paths
    with locked(paths):
        settle(paths, catalogue.reader, catalogue.changing)
        with catalogue.reader() as connection:
            files = list(left_over(connection, paths.root))
        for file in files:
            remove_file(paths.root, file)
        if not any(_of_before(paths.root).glob("*")):
            remove_folder(paths.root, _of_before(paths.root))
    return len(files)


def _of_before(root: Path) -> Path:
    """Return where an import leaves the pointing tables that it replaces, until it ends."""
    target = ArchivePaths(root).consolidated
    return target.with_name(target.name + OLD_ENDING)


def _replaced_pointing(root: Path) -> Iterator[Path]:
    """Yield pointing tables of before, if those that replace them are there."""
    if ArchivePaths(root).consolidated.is_dir():
        yield from _of_before(root).glob("*")


def _blocks(root: Path, kinds: Collection[str]) -> Iterator[tuple[list[int], Iterator[Path]]]:
    """Yield eclipses that have folders, some at a time, and the files of their legs."""
    blocks: dict[int, dict[int, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for kind in kinds:
        for folder in (root / kind).glob("band=*/eclipse=*"):
            number = folder.name.partition("=")[2]
            if number.isdigit() and len(number) < 8:
                blocks[int(number) // ECLIPSES_PER_BLOCK][int(number)].append(folder)
    for _, block in sorted(blocks.items()):
        folders = [folder for of_eclipse in block.values() for folder in of_eclipse]
        files = (file for folder in folders for file in sorted(folder.glob("leg=*/*.parquet")))
        yield sorted(block), files
