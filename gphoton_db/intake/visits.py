"""Visits in the pointing files of an archive, entered into its catalogue."""

from collections.abc import Iterable

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.visit_files import find_visit
from gphoton_db.catalogue.visits import KnownVisits
from gphoton_db.intake.ingest_band import as_failure


def note_known_visits(catalogue: Catalogue, eclipses: Iterable[int]) -> int:
    """Enter what the pointing files say of eclipses; see `Archive.note_visits`.

    Returns
    -------
    int
        Of how many eclipses they say something.

    Raises
    ------
    PointingError
        If the folder cannot be searched.
    ArchiveError
        If the archive cannot be written.
    """
    paths = catalogue.paths
    found = KnownVisits.joined(find_visit(paths.pointing, each) for each in eclipses)
    if found.n_eclipses:
        try:
            catalogue.note_visits(found)
        except OSError as error:
            raise as_failure(error, paths.root) from error
    return found.n_eclipses
