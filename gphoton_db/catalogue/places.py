"""The catalogue of an archive wherever that is: in a folder, or at an address."""

from pathlib import Path

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.paths import ArchivePaths
from gphoton_db.remote.address import is_address


def catalogue_at(place: str | Path) -> Catalogue:
    """Return the catalogue of the archive in a folder, or at an address.

    Raises
    ------
    ArchiveError
        If there is no published archive at the address.
    """
    if is_address(place):
        from gphoton_db.catalogue.afar import CatalogueAfar

        return CatalogueAfar(place)
    return Catalogue(ArchivePaths(Path(place).expanduser().resolve()))
