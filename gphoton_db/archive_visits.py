"""The methods of an archive that know of visits whose photons it may not have."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gphoton_db.archive_lightcurves import Bands, parse_bands
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.intake.ingest_band import as_failure
from gphoton_db.paths import ArchivePaths
from gphoton_db.progress import Progress, no_progress
from gphoton_db.system.cores import usable_cores

if TYPE_CHECKING:
    from astropy.table import Table

    from gphoton_db.intake.pointing_import import PointingImport
    from gphoton_db.products.reader import ArchiveReader


class ArchiveVisits(ABC):
    """What an `Archive` can say of the mission's visits."""

    paths: ArchivePaths
    _catalogue: Catalogue

    @abstractmethod
    def _product_reader(self) -> "ArchiveReader":
        """Return what the builders of products need of the archive, as it is now."""

    def search(
        self,
        ra: Any = None,
        dec: Any = None,
        *,
        radius: Any = 0,
        box: Sequence[float | str] | None = None,
        bands: Bands = None,
        plan_types: str | Iterable[str] | None = None,
        since: str | datetime | None = None,
        until: str | datetime | None = None,
        min_exposure: float | None = None,
        eclipses: tuple[int, int] | None = None,
        ingested: bool | None = None,
    ) -> "Table":
        """Return the visits that are known, ingested or not, and fulfil all conditions.

        Parameters
        ----------
        ra, dec : optional
            A position: deg, quantities, text, or a `SkyCoord` as `ra`, as for `find`.
        radius : float or Quantity
            Arcsec: the field need not hold the position, but reach so near.
        box : sequence of float, optional
            ``ra_min, ra_max, dec_min, dec_max``, deg, into which the field must reach;
            ``ra_min > ra_max`` across RA 0.
        bands : optional
            NUV, FUV or both; None is both.
        plan_types : str or iterable of str, optional
            Surveys: AIS, MIS, DIS, NGS, GII, CAI, ...
        since, until : str or datetime, optional
            Start of the leg, UTC, in ISO 8601; `until` is not included.
        min_exposure : float, optional
            Seconds: exposure of the leg, or where it is not ingested, time of the eclipse at the
            band's nominal high voltage.
        eclipses : pair of int, optional
            Smallest and largest number.
        ingested : bool, optional
            Only those that are, or are not, in the archive.

        Returns
        -------
        astropy.table.Table
            A row for each leg and band, in order of time: ``eclipse, band, leg, ingested, ra0,
            dec0`` (deg), ``separation`` (arcsec, of the boresight from the position),
            ``plan_type, t0, t1`` (GALEX s), ``utc, exposure, on_time`` (s), ``command`` (what
            ingests it).  What is not known is NaN, empty or masked, and fulfils no condition.

        Raises
        ------
        ProductError
            If a condition makes no sense.

        Notes
        -----
        The field of a leg that is not ingested is a circle of 0.625 deg about its boresight.  At
        its rim a position counts by the true outline where that is known: of ingested legs, and
        of all that an imported ``leg-aperture`` table has.  A box counts by circles.
        """
        from gphoton_db.products.apertures.aperture import arcsec_of
        from gphoton_db.products.search import VisitSearch, box_of, moment_of, search_visits
        from gphoton_db.products.sky_places import position_of

        search = VisitSearch(
            position=None if ra is None else position_of(ra, dec),
            radius=arcsec_of(radius, "radius"),
            box=None if box is None else box_of(box),
            bands=parse_bands(bands),
            plan_types=_surveys(plan_types),
            since=None if since is None else moment_of(since),
            until=None if until is None else moment_of(until),
            min_exposure=min_exposure,
            eclipses=eclipses,
            ingested=ingested,
        )
        return search_visits(self._product_reader(), search)

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
            Metadata and planned legs are taken from spacecraft states (scst) in it, too; these are
            not copied.
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
        from gphoton_db.intake.pointing_import import import_tables

        return import_tables(
            self._catalogue,
            Path(directory).expanduser(),
            threads=threads or usable_cores(),
            on_progress=on_progress,
        )

    def note_visits(self, eclipses: Iterable[int]) -> int:
        """Enter what the archive's pointing files say of visits, so that `search` knows them.

        Parameters
        ----------
        eclipses : iterable of int
            Of which; files of others are not looked into.

        Returns
        -------
        int
            Of how many eclipses the files say something.

        Raises
        ------
        PointingError
            If the folder cannot be searched.
        ArchiveError
            If the archive cannot be written.
        """
        from gphoton_db.catalogue.visit_files import find_visit
        from gphoton_db.catalogue.visits import KnownVisits

        found = KnownVisits.joined(find_visit(self.paths.pointing, each) for each in eclipses)
        if found.n_eclipses:
            try:
                self._catalogue.note_visits(found)
            except OSError as error:
                raise as_failure(error, self.paths.root) from error
        return found.n_eclipses


def _surveys(plan_types: str | Iterable[str] | None) -> tuple[str, ...]:
    if plan_types is None:
        return ()
    each = plan_types.split(",") if isinstance(plan_types, str) else plan_types
    return tuple(name.strip().upper() for name in each if name.strip())
