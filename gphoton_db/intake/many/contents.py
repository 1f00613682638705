"""What is in the archive, asked again only when its catalogue has changed."""

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.file import identity
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.mission import Band


class Contents:
    """The bands of eclipses that an archive holds.

    Parameters
    ----------
    catalogue : Catalogue
        Of the archive.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._version: tuple[int, ...] | None = None
        self._bands: set[EclipseBand] = set()

    def __contains__(self, what: EclipseBand) -> bool:
        version = identity(self._catalogue.paths.catalogue)
        if version != self._version:
            self._bands = {EclipseBand(n, Band(band)) for n, band in self._catalogue.bands()}
            self._version = version
        return what in self._bands
