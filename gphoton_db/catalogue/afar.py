"""The catalogue of an archive that is afar: a copy is here, the files that it lists are not."""

import logging
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import duckdb

from gphoton_db.catalogue.afar_session import told_plainly
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.jail import NO_LIMITS, Limits
from gphoton_db.catalogue.product_notes import Note, ProductNote
from gphoton_db.errors import ArchiveError
from gphoton_db.paths import ArchivePaths
from gphoton_db.remote.address import only_read
from gphoton_db.remote.filesystem import let_read
from gphoton_db.remote.mounting import mount

if TYPE_CHECKING:
    from gphoton_db.catalogue.records import ProductRecord
    from gphoton_db.catalogue.staged import StagedBand, StagedProducts
    from gphoton_db.catalogue.visits import KnownVisits

logger = logging.getLogger(__name__)


class CatalogueAfar(Catalogue):
    """The catalogue of an archive at an address, in the version that counted when it was opened.

    Parameters
    ----------
    place : str or Path
        The address.
    """

    def __init__(self, place: str | Path) -> None:
        mounted = mount(place)
        super().__init__(ArchivePaths(mounted.root))
        self._mounted = mounted
        self.address, self.root_in_sql = mounted.address, mounted.sql_root
        self._prepare = partial(let_read, mounted=mounted)

    def reader(self, limits: Limits = NO_LIMITS) -> duckdb.DuckDBPyConnection:
        """Return a new connection to the catalogue; see `Catalogue.reader`."""
        return told_plainly(super().reader(limits), self._mounted)

    def another_reader(self, reader: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """Return a new connection to the same copy of the catalogue as another one."""
        return told_plainly(super().another_reader(reader), self._mounted)

    def _upgrade(self, version: int) -> Path:
        raise ArchiveError(
            f"{self.address}: was published with schema version {version}, which is older than "
            "this gphoton-db's: open the archive with this version where it is, and publish it "
            "again"
        )

    def product_note(self) -> ProductNote:
        """Return what notes nothing."""
        return ProductNote(None)

    def add_products(self, products: "Sequence[ProductRecord]", note: Note = None) -> None:
        """Enter nothing: files that are made of an archive that is afar belong to no archive."""
        logger.info("%s: is only read; files made of it are not entered", self.address)

    def commit(
        self,
        staged: "Sequence[StagedBand]",
        failed: object = (),
        made: "Sequence[StagedProducts]" = (),
    ) -> None:
        """Refuse."""
        raise only_read(self.address or "")

    def add_source_files(self, files: object) -> None:
        """Refuse."""
        raise only_read(self.address or "")

    def note_visits(
        self, visits: "KnownVisits", *, files: AbstractContextManager[None] | None = None
    ) -> None:
        """Refuse."""
        raise only_read(self.address or "")

    def changing(
        self,
        tables: Sequence[str] = (),
        eclipses: Iterable[int | None] | None = (),
        bands: Collection[tuple[int, str]] | None = (),
    ) -> NoReturn:
        """Refuse."""
        raise only_read(self.address or "")
