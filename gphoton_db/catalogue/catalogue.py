"""The catalogue: a small DuckDB file that says which legs there are and which files hold them."""

import shutil
import weakref
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from gphoton_db.catalogue.definitions import ROOT_VARIABLE
from gphoton_db.catalogue.file import (
    another_connection,
    identity,
    locked,
    next_version,
    not_prepared,
    open_catalogue,
)
from gphoton_db.catalogue.head import version_of
from gphoton_db.catalogue.ingested import (
    changed_rows,
    generations_of,
    insert_ingested,
    move_staged,
    supersede,
)
from gphoton_db.catalogue.inserts import insert_or_replace, insert_records
from gphoton_db.catalogue.jail import NO_LIMITS, Limits
from gphoton_db.catalogue.made import eclipses_of_products as eclipses_of
from gphoton_db.catalogue.made import insert_made, insert_products, move_made
from gphoton_db.catalogue.product_notes import Note, ProductNote, noted, settle
from gphoton_db.catalogue.segments import discard, load
from gphoton_db.catalogue.strays import no_strays
from gphoton_db.catalogue.superseded import insert_superseded, now, remove_outdated
from gphoton_db.catalogue.totals import with_totals
from gphoton_db.errors import ArchiveError
from gphoton_db.mission import Band
from gphoton_db.paths import ENTRIES, ArchivePaths
from gphoton_db.query.sql_files import literal
from gphoton_db.system.durable import move_durably, sync_folders
from gphoton_db.system.inside import check_links, inside

if TYPE_CHECKING:
    from gphoton_db.catalogue.coverage import CoverageRecord
    from gphoton_db.catalogue.records import IngestRecord, ProductRecord
    from gphoton_db.catalogue.restore import Find
    from gphoton_db.catalogue.sources import SourceFileRecord
    from gphoton_db.catalogue.staged import StagedBand, StagedProducts
    from gphoton_db.catalogue.visits import KnownVisits

SCHEMA_VERSION = 5
"""Version 2 added views and macros, and the tables boresights, shutter_gaps and products; version
3 the table source_files, with the views sources and photometry; version 4 bounds in leg_files;
version 5 made files of the tables that grow with the archive (`segments`)."""

SUPERSEDED_FOR = timedelta(hours=1)
"""How long the files of a replaced leg stay, for readers of an older catalogue."""


class Catalogue:
    """The catalogue of the archive at `paths`."""

    def __init__(self, paths: ArchivePaths) -> None:
        self.paths = paths
        self.address: str | None = None  # of an archive that is afar, and only read
        self.root_in_sql, self._prepare = str(paths.root), not_prepared
        self.incoming = paths.root  # where new files are written, laid out as in the archive
        self._upgraded: Path | None = None
        self._empty: tuple[int, ...] | None = None  # what it was when we made it without legs
        self._asked: tuple[int, ...] | None = None
        self._generations: dict[tuple[int, Band], tuple[str, ...]] = {}

    def reader(self, limits: Limits = NO_LIMITS) -> duckdb.DuckDBPyConnection:
        """Return a new read-only connection to the catalogue as it is now.

        Parameters
        ----------
        limits : Limits, optional
            Of the statement that it is for.

        Raises
        ------
        ArchiveError
            If there is none, it is damaged, or of another version.
        """
        check_links(self.paths.root, ENTRIES)
        connection = open_catalogue(self.paths.catalogue, [self.root_in_sql], limits, self._prepare)
        version = version_of(connection)
        if version < SCHEMA_VERSION:
            connection.close()
            upgraded = self._upgrade(version)
            connection = open_catalogue(upgraded, [self.paths.root, upgraded.parent], limits)
            version = version_of(connection)
        if version != SCHEMA_VERSION:
            connection.close()
            raise ArchiveError(
                f"{self.paths.catalogue}: has schema version {version}, this gphoton-db knows "
                f"{SCHEMA_VERSION}: use the version of gphoton-db that made it, or a newer one"
            )
        if self._upgraded is None and not self.paths.segments.is_dir():
            connection.close()
            raise ArchiveError(
                f"{self.paths.segments}: holds most of the catalogue, and is not there: put it "
                f"back, or move {self.paths.catalogue.name} away, and both are made anew"
            )
        return self._with_root(connection)

    def another_reader(self, reader: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """Return a new connection to the same copy of the catalogue as another one."""
        return self._with_root(another_connection(reader))

    def _with_root(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        root = literal(self.root_in_sql)
        return with_totals(connection.execute(f"SET VARIABLE {ROOT_VARIABLE} = {root}"))

    def generations(self, eclipse: int, band: Band) -> tuple[str, ...]:
        """Return which ingest the legs of a band of an eclipse are of; empty without legs."""
        there = identity(self.paths.catalogue)
        if there == self._empty:
            return ()
        if there != self._asked or (eclipse, band) not in self._generations:
            with self.reader() as connection:
                found = generations_of(connection, eclipse, band)
            # An ingest asks twice: before, and when no other process can ingest the same.
            self._asked, self._generations = there, {(eclipse, band): found}
        return self._generations[eclipse, band]

    def bands(self) -> set[tuple[int, str]]:
        """Return eclipse and band of all that is in the archive."""
        with self.reader() as connection:  # a bound parameter would import pandas
            return set(connection.execute("SELECT eclipse, band FROM band_totals").fetchall())

    def commit(
        self,
        staged: "Sequence[StagedBand]",
        failed: "Sequence[IngestRecord]" = (),
        made: "Sequence[StagedProducts]" = (),
    ) -> None:
        """Add bands of eclipses, each in place of what there was of it, all or none of them.

        Parameters
        ----------
        staged : sequence of StagedBand
            What is new; the files are moved into the archive.
        failed : sequence of IngestRecord
            Lines for the log of ingests; nothing else changes by them.
        made : sequence of StagedProducts
            Products, each in place of what there was of its name; the files are moved too.
        """
        ingests = [band.ingested.ingest for band in staged]
        records = [record for each in made for record in each.source_files]
        strays = no_strays(self.reader, self.paths.root, ingests, records)
        with locked(self.paths), strays, noted(self.paths, self.reader, made) as earlier:
            sync_folders(move_staged(staged, self.paths.root))
            sync_folders(move_made(made, self.paths.root))
            tables, eclipses = changed_rows(staged, failed, made)
            eclipses |= set(earlier.values())
            bands = {(ingest.eclipse, ingest.band) for ingest in ingests}
            with self.changing(tables, eclipses, bands) as connection:
                for band in staged:
                    supersede(connection, band.ingested.ingest)
                    insert_ingested(connection, band.ingested)
                insert_records(connection, "ingests", failed)
                insert_superseded(connection, insert_made(connection, made))

    def product_note(self) -> ProductNote:
        """Return what notes products before they get their places; see `add_products`."""
        return ProductNote(self.paths)

    def add_products(self, products: "Sequence[ProductRecord]", note: Note = None) -> None:
        """Enter files that were made of the archive, if they are still those that were noted."""
        with locked(self.paths):
            products = note.still_there(products) if note else products
            eclipses = eclipses_of(self.reader, products)
            with self.changing(("products",), eclipses) as connection:
                insert_products(connection, products)

    def add_source_files(self, files: "Sequence[tuple[SourceFileRecord, Path]]") -> None:
        """Move files with sources or photometry to their places, and enter all or none of them.

        Each takes the place of an earlier one, also of one before it in the list.
        """
        from gphoton_db.catalogue.sources import add_source_file

        records = [record for record, _ in files]
        tables, eclipses = ("legs", "source_files"), {record.eclipse for record in records}
        with locked(self.paths), no_strays(self.reader, self.paths.root, [], records):
            changed: set[Path] = set()
            for record, file in files:
                move_durably(file, inside(self.paths.root, record.path), changed)
            sync_folders(changed)
            with self.changing(tables, eclipses) as connection:
                for record in records:
                    insert_superseded(connection, add_source_file(connection, record))

    def replace_coverage(self, rows: "Sequence[CoverageRecord]") -> None:
        """Put the coverage of legs in the place of what there was of it."""
        tables, eclipses = ("legs", "coverage"), {row.eclipse for row in rows}
        with locked(self.paths), self.changing(tables, eclipses) as connection:
            insert_or_replace(connection, "coverage", rows)

    def note_visits(
        self, visits: "KnownVisits", *, files: AbstractContextManager[None] | None = None
    ) -> None:
        """Enter visits that are known, whether ingested or not; see `visits.note_visits`.

        Parameters
        ----------
        visits : KnownVisits
            What to note.
        files : context manager, optional
            Puts the files that say so in place, once no other process can commit.
        """
        from gphoton_db.catalogue.visits import note_visits

        with locked(self.paths), files or nullcontext(), self.changing() as connection:
            note_visits(connection, visits)

    def restore(self, find: "Find | None") -> None:
        """Make the catalogue, if there is none, from what the archive's files say of themselves.

        Parameters
        ----------
        find : callable or None
            Returns what there is (see `restore.restore`); asked when no other process can add to
            the archive.  None: the archive has no files yet.
        """
        from gphoton_db.catalogue.empty_archive import made_of_kept

        with locked(self.paths):
            if self.paths.catalogue.exists():
                return  # another process was faster
            if find is None and made_of_kept(self.paths):
                self._empty = identity(self.paths.catalogue)
                return
            from gphoton_db.catalogue.restore import make_anew  # reads FITS files, which few do

            make_anew(self.paths, find, SCHEMA_VERSION)

    def _upgrade(self, version: int) -> Path:
        """Bring a catalogue that an older gphoton-db made up to date, and return where it is.

        Where nothing can be written, a copy is, for as long as this object is there.
        """
        from gphoton_db.catalogue.restore import upgraded

        if self._upgraded is not None:
            return self._upgraded
        found = upgraded(self.paths, version, SCHEMA_VERSION)
        if found != self.paths.catalogue:
            self._upgraded = found
            weakref.finalize(self, shutil.rmtree, found.parent, ignore_errors=True)
        return found

    def refresh_root(self) -> None:
        """Make the views name the folder in which the archive is now."""
        with locked(self.paths), self.changing():
            pass

    @contextmanager
    def changing(
        self,
        tables: Sequence[str] = (),
        eclipses: Iterable[int | None] | None = (),
        bands: Collection[tuple[int, str]] | None = (),
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a connection to the next version, in which some rows can be changed.

        Only one process at a time may do so: the one that is `file.locked`.

        Parameters
        ----------
        tables : sequence of str
            Those of `paths.SEGMENTED` that are needed; others can be changed at any time.
        eclipses : iterable of int or None, optional
            Whose rows are changed, None for those of no one eclipse; None: any.
        bands : collection of (int, str), optional
            Eclipse and band of the legs that are new or gone; None: all.
        """
        # With Arrow, which what only reads the catalogue does not need.
        from gphoton_db.catalogue.finish import finish

        settle(self.paths, self.reader, self.changing)
        root = self.paths.root
        before, loaded = self.paths.catalogue.stat().st_ino, None
        try:
            with next_version(self.paths) as connection:
                connection.execute(f"SET VARIABLE {ROOT_VARIABLE} = {literal(str(root))}")
                remove_outdated(connection, root, now() - SUPERSEDED_FOR)
                loaded = load(connection, root, tables, eclipses)
                yield connection
                finish(connection, root, root, loaded, bands)
        except BaseException:
            # Unless the catalogue was replaced already, and lists them.
            if loaded and self.paths.catalogue.stat().st_ino == before:
                discard(root, loaded)
            raise
