"""The methods of an archive that know of visits whose photons it may not have."""

from abc import ABC
from pathlib import Path
from typing import TYPE_CHECKING

from gphoton_db.catalogue import Catalogue
from gphoton_db.cores import usable_cores
from gphoton_db.progress import Progress, no_progress

if TYPE_CHECKING:
    from gphoton_db.pointing_import import PointingImport


class ArchiveVisits(ABC):
    """What an `Archive` can say of the mission's visits."""

    _catalogue: Catalogue

    def import_pointing(
        self,
        directory: str | Path,
        *,
        threads: int | None = None,
        on_progress: Progress = no_progress,
    ) -> "PointingImport":
        """Take the consolidated pointing tables of the whole mission into the archive.

        They are rewritten by eclipse below ``pointing/consolidated``, where ingests look when no
        path was given; the tables ``eclipses`` and ``boresights`` then know all visits.  A table
        takes the place of what an earlier import had of its kind.

        Parameters
        ----------
        directory : str or Path
            Holds any of ``aspect``, ``boresight``, ``metadata`` and ``leg-aperture``
            (``.parquet``), under the names that a release has for them and for their columns.
            Metadata and planned legs are taken from spacecraft states (scst) in it, too.
        threads : int, optional
            How many; by default one for each core that the process may use.
        on_progress : callable, optional
            Told ``(stage, done, total)``, a stage for each table.

        Returns
        -------
        PointingImport
            What was imported; rows that say nothing usable are left out, and counted.

        Raises
        ------
        PointingError
            If there is no such table, or one is damaged, lacks columns or says nothing usable.
        ArchiveError
            If the archive cannot be written.  It is as it was after any error.
        """
        from gphoton_db.pointing_import import import_tables

        return import_tables(
            self._catalogue,
            Path(directory).expanduser(),
            threads=threads or usable_cores(),
            on_progress=on_progress,
        )
