"""A catalogue whose additions are gathered, for another process to commit them."""

from collections.abc import Sequence
from pathlib import Path

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.product_notes import Note, ProductNote
from gphoton_db.catalogue.records import ProductRecord
from gphoton_db.catalogue.sources import SourceFileRecord
from gphoton_db.catalogue.staged import StagedProducts
from gphoton_db.paths import ArchivePaths
from gphoton_db.system.durable import move_durably


class GatheringCatalogue(Catalogue):
    """Reads the catalogue of an archive; what is made of the archive is gathered.

    Parameters
    ----------
    paths : ArchivePaths
        The archive.
    folder : Path
        Where new files go, laid out as in the archive.
    """

    def __init__(self, paths: ArchivePaths, folder: Path) -> None:
        super().__init__(paths)
        self.incoming = folder
        # Appended to by several threads, in one step each.
        self._products: list[ProductRecord] = []
        self._source_files: list[SourceFileRecord] = []

    def product_note(self) -> ProductNote:
        """Return what notes nothing: whoever commits does that."""
        return ProductNote(None)

    def add_products(self, products: Sequence[ProductRecord], note: Note = None) -> None:
        """Gather files that were made."""
        self._products.extend(products)

    def add_source_files(self, files: Sequence[tuple[SourceFileRecord, Path]]) -> None:
        """Gather files with sources or photometry."""
        for record, file in files:
            move_durably(file, self.incoming / record.path)
            self._source_files.append(record)

    def take(self) -> StagedProducts:
        """Return what was gathered since the last time."""
        products, self._products = self._products, []
        files, self._source_files = self._source_files, []
        return StagedProducts(tuple(products), tuple(files), self.incoming)
