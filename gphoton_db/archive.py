"""The archive: one folder with photons, and the object that opens it.

Each method of `Archive` is a docstring and one call of the function that does the work.  That
function is imported when the method is called.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Unpack, overload

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.jail import Limits
from gphoton_db.catalogue.places import catalogue_at
from gphoton_db.catalogue.session import CatalogueSession, check_writable, list_legs
from gphoton_db.catalogue.status import (
    ANY_LEG,
    NEWEST,
    ArchiveStatus,
    LegFilter,
    archive_status,
)
from gphoton_db.intake.opening import check_folder, make_archive, open_archive
from gphoton_db.intake.options import Eclipses, IngestChoices, IngestOptions, InputChoices
from gphoton_db.mission import Band, Bands, parse_bands
from gphoton_db.paths import DEFAULT_SET
from gphoton_db.products.catalogue.options import CatalogueChoices, CatalogueOptions
from gphoton_db.products.flares.options import FlareChoices, FlareOptions
from gphoton_db.products.hats.options import HatsChoices, HatsOptions
from gphoton_db.products.hips.options import HipsChoices, HipsOptions
from gphoton_db.products.images.options import ImageChoices, ImageOptions
from gphoton_db.products.lightcurves.options import (
    LightCurveChoices,
    LightCurveOptions,
    MeasurementChoices,
    TimeRanges,
)
from gphoton_db.products.maps.options import CutoutChoices, MapChoices, MapOptions
from gphoton_db.products.masks.options import MaskChoices
from gphoton_db.products.movies.options import MovieChoices, MovieOptions
from gphoton_db.products.qa.options import QaChoices, QaOptions
from gphoton_db.products.search_options import SearchChoices, SearchOptions
from gphoton_db.products.sources.photometry_options import PhotometryChoices, PhotometryOptions
from gphoton_db.products.variables.options import VariableChoices, VariableOptions
from gphoton_db.progress import Progress, no_progress
from gphoton_db.query.parameters import Parameters
from gphoton_db.query.query import QueryResult
from gphoton_db.query.row_stream import RowStream
from gphoton_db.signatures import takes

if TYPE_CHECKING:
    import pyarrow as pa
    from astropy.table import QTable, Table
    from numpy.typing import NDArray

    from gphoton_db.aspect.coverage import CoverageRegions
    from gphoton_db.calibration.importing import CalibrationImport
    from gphoton_db.calibration.verify import CheckedSet
    from gphoton_db.catalogue.reads import QueryReads
    from gphoton_db.catalogue.records import LegRecord
    from gphoton_db.intake.compact import Compacted
    from gphoton_db.intake.ingest_band import IngestReport
    from gphoton_db.intake.many.choose import Cluster
    from gphoton_db.intake.many.fetch_ahead import Obtain
    from gphoton_db.intake.many.report import ManyReport, Watch
    from gphoton_db.intake.pointing_import import PointingImport
    from gphoton_db.intake.verify.faults import Verification
    from gphoton_db.intake.writer import ArchiveWriter
    from gphoton_db.pipeline.catalogue_many import CatalogueWatch, ManyCatalogues
    from gphoton_db.pipeline.lightcurves_many import ManyLightCurves
    from gphoton_db.pipeline.run import RunReport
    from gphoton_db.pipeline.run_many import ManyRunReport, RunWatch
    from gphoton_db.products.found_visits import FoundVisits
    from gphoton_db.products.geometry import ImageGeometry
    from gphoton_db.products.hats.export import Exported
    from gphoton_db.products.hips.make import WrittenHips
    from gphoton_db.products.hips.moc import Moc
    from gphoton_db.products.images.image import Image
    from gphoton_db.products.lightcurves.lightcurve import LightCurve
    from gphoton_db.products.lightcurves.write_many import WrittenLightCurves
    from gphoton_db.products.maps.coadd import Coadd
    from gphoton_db.products.maps.sky_map import SkyMap
    from gphoton_db.products.masks.mask import DetectorMask
    from gphoton_db.products.movies.movie import Movie
    from gphoton_db.products.objects.make import LinkedObjects
    from gphoton_db.products.photons.events import Events
    from gphoton_db.products.photons.write_events import WrittenEvents
    from gphoton_db.products.qa.verdicts import ReadVerdicts
    from gphoton_db.products.reader import ArchiveReader, LegChoice, SeveralLegs
    from gphoton_db.products.run_leg import LegReport
    from gphoton_db.products.run_options import RunOptions
    from gphoton_db.products.sources.detect import Detection
    from gphoton_db.products.sources.photometry import Photometry
    from gphoton_db.publish.publish import Published
    from gphoton_db.serve.notebook import View
    from gphoton_db.serve.options import ServeOptions
    from gphoton_db.serve.server import Server
    from gphoton_db.service import ServiceOptions


class Archive:
    """A photon archive on disk.

    The first method that adds something, such as `ingest`, makes an archive that does not exist.
    Until then every method that reads raises `ArchiveError`.  Opening a folder of photon files
    whose catalogue was lost makes the catalogue again from the files.  Opening an archive that
    was moved corrects the paths in its views, if it can be written.

    At an address is an archive that was published (`publish`).  It is only read, in the version
    that counted when it was opened; what is made of it is entered into no archive.

    Parameters
    ----------
    path : str or Path
        Folder of the archive, or its address: ``https://...``, ``s3://...``.
    create : bool
        Make an empty archive at once, if there is none.
    queries : str or Path, optional
        Folder with named queries of your own.

    Raises
    ------
    ArchiveError
        If the archive cannot be made, or its catalogue is damaged.

    Notes
    -----
    Arguments that several methods have:

    ``leg``
        The number of a leg, from 0.  None takes the only leg; several legs are an error that lists
        them.  ``"all"`` or a list of numbers returns an iterator with one product for each leg.
    ``ra, dec``
        A position in deg, as quantities or as text (``"21:33:58.3", "-02 03 50"``; the right
        ascension of sexagesimal text is in hours), or one `SkyCoord` (or text with both) as ``ra``.
    ``bands``
        NUV, FUV or both; None is both.
    ``time_ranges``
        Pairs of start and end (not included), or one pair, in GALEX seconds or as `Time`.
    lengths of time and angles
        Numbers in the unit that the method states, or quantities.

    Examples
    --------
    >>> with Archive("gphoton-archive") as archive:  # doctest: +SKIP
    ...     archive.ingest(23456, "NUV", raw6="e23456-nd-raw6.fits.gz", pointing="e23456/")
    ...     archive.query("SELECT count(*) FROM photons WHERE eclipse = ?", [23456]).df()
    """

    def __init__(
        self, path: str | Path, *, create: bool = False, queries: str | Path | None = None
    ) -> None:
        self._queries = Path(queries).expanduser() if queries else None
        self._catalogue = catalogue_at(path)
        self.paths = self._catalogue.paths
        self._session = CatalogueSession(self._catalogue)
        open_archive(self._session)
        if create:
            self._to_be_written()

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Archive({(self._catalogue.address or str(self.paths.root))!r})"

    def _repr_html_(self) -> str:
        from gphoton_db.products.notebook import archive_as_html

        return archive_as_html(repr(self), self._session.connection)

    def close(self) -> None:
        """Close the connection to the catalogue; the next query opens it again."""
        self._session.close()

    def _product_reader(self, on_progress: Progress = no_progress) -> "ArchiveReader":
        """Return what the builders of products need of the archive, as it is now."""
        from gphoton_db.products.reader import ArchiveReader

        return ArchiveReader(self._catalogue, self._session.connection(), on_progress)

    def _writer(self, service: "ServiceOptions | None", **inputs: Any) -> "ArchiveWriter":
        """Return what an ingest needs of the archive, which is not made for a slip in `inputs`."""
        from gphoton_db.intake.writer import ArchiveWriter, check_named

        check_named(IngestOptions(**inputs), self._catalogue.paths)
        return ArchiveWriter(self._to_be_written(), service or _service())

    def _to_be_written(self) -> Catalogue:
        """Return the catalogue, which is made if there is none."""
        make_archive(self._catalogue)
        return self._catalogue

    # ---- SQL ----------------------------------------------------------------------------------

    def query(
        self,
        sql: str,
        parameters: Parameters = None,
        *,
        seconds: float | None = None,
        memory: str | None = None,
        files: Sequence[str | Path] = (),
    ) -> QueryResult:
        """Run one read-only SQL statement, which sees the archive and no other file.

        Parameters
        ----------
        sql : str
            The statement, with ``?`` or ``$name`` where values go.
        parameters : sequence or mapping, optional
            The values: plain ones, scalars and arrays of numpy and pandas, and `Time`, which
            becomes a TIMESTAMP (UTC).  Quantities need a number: ``radius.to_value("arcsec")``.
        seconds : float, optional
            How long it may take.
        memory : str, optional
            How much memory it may use: ``"4GB"``.
        files : sequence of path, optional
            Files and folders outside of the archive that it may read.

        Raises
        ------
        QueryError
            If it is not a single statement that reads, DuckDB refuses it, or it takes too long.
        """
        limits = Limits(seconds, memory, tuple(Path(each).absolute() for each in files))
        return self._session.query(sql, parameters, limits)

    @contextmanager
    def stream(
        self,
        sql: str,
        parameters: Parameters = None,
        *,
        seconds: float | None = None,
        memory: str | None = None,
        files: Sequence[str | Path] = (),
    ) -> Iterator[RowStream]:
        """Run a statement, like `query`, and give its rows as they come, for any number of them.

        Parameters
        ----------
        sql : str
            The statement.
        parameters : sequence or mapping, optional
            Its values.
        seconds, memory, files
            What it may use, as for `query`; within `seconds` all rows must have been read.

        Yields
        ------
        RowStream
            In a ``with`` block: ``schema``, and ``batches``, of which one is in memory at a time.

        Raises
        ------
        QueryError
            If it is not a single statement that reads, or DuckDB refuses it; while rows come, too.
        """
        limits = Limits(seconds, memory, tuple(Path(each).absolute() for each in files))
        with self._session.stream(sql, parameters, limits) as stream:
            yield stream

    def named_query(self, name: str, /, *, files: Any = (), **parameters: Any) -> QueryResult:
        """Run a named query, of the package or of the folder of your own.

        Parameters
        ----------
        name : str
            Its name; ``gphoton-db query`` lists them all.
        files : sequence of path, optional
            Files and folders outside of the archive that it may read.
        **parameters
            Values of its parameters, in the units that it declares.

        Raises
        ------
        QueryError
            If there is no such query, its file cannot be used, or a value does not fit.
        """
        from gphoton_db.query.named import load_query

        query = load_query(name, self._queries)
        return self.query(query.sql, query.values(parameters) or None, files=files)

    def reads(
        self, sql: str, parameters: Parameters = None, *, files: Sequence[str | Path] = ()
    ) -> "QueryReads":
        """Run a statement, like `query`, and return which files and row groups it read.

        Raises
        ------
        QueryError
            If it is not a single statement that reads, or DuckDB refuses it.
        """
        limits = Limits(files=tuple(Path(each).absolute() for each in files))
        return self._session.reads(sql, parameters, limits)

    def legs(self, eclipse: int | None = None) -> "list[LegRecord]":
        """Return the legs of the archive, or of one eclipse, by eclipse, band and leg."""
        return list_legs(self._session.connection(), eclipse)

    def status(
        self, wanted: LegFilter = ANY_LEG, *, newest: bool = True, limit: int | None = NEWEST
    ) -> ArchiveStatus:
        """Return what is in the archive, summed up, and the newest legs.

        Parameters
        ----------
        wanted : LegFilter
            Which legs.
        newest : bool
            Whether the newest legs are listed; if not, all by eclipse, band and leg.
        limit : int, optional
            Legs to list at the most, and failed ingests; None: all.

        Raises
        ------
        QueryError
            If `limit` is negative.
        """
        connection = self._session.connection()
        return archive_status(connection, wanted, newest=newest, limit=limit)

    def publish(
        self,
        target: str | Path,
        *,
        prune: bool = False,
        dry_run: bool = False,
        on_progress: Progress = no_progress,
    ) -> "Published":
        """Publish the archive as it is now, for others to read it from afar.

        Files that are there are not copied again.  Readers see the version before until all of
        this one is there.

        Parameters
        ----------
        target : str or Path
            A folder, for a web server to serve, or ``s3://bucket/folder``.
        prune : bool
            Remove, in the end, files that only earlier versions have; who has one of these open
            then gets errors.
        dry_run : bool
            Write nothing, and return what would be.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in files.

        Raises
        ------
        ArchiveError
            If a file is damaged, the target cannot be used, or somebody else published there
            meanwhile.
        """
        from gphoton_db.publish.publish import publish

        self._session.connection()  # says so if there is no archive
        return publish(
            self._catalogue, target, prune=prune, dry_run=dry_run, on_progress=on_progress
        )

    # ---- looking ------------------------------------------------------------------------------

    def serve(
        self,
        options: "ServeOptions | None" = None,
        *,
        on_start: "Callable[[Server], None] | None" = None,
    ) -> None:
        """Serve a page on the archive until Ctrl-C: its sky, from photons, and light curves.

        It needs the extra ``web``.

        Parameters
        ----------
        options : ServeOptions, optional
            Where, and with how much memory; by default for this machine alone, on port 8410.
        on_start : callable, optional
            Called with the server, whose ``address`` is the one to open.

        Raises
        ------
        ArchiveError
            If there is no archive.
        SettingsError
            If the port is taken, or the extra is not installed.
        """
        from gphoton_db.serve.options import ServeOptions
        from gphoton_db.serve.server import serve

        serve(self._catalogue, options or ServeOptions(), on_start)

    def view(self, *, height: int = 720) -> "View":
        """Return the page of `serve` for a cell of a notebook, which shows it.

        A server of its own runs for it, on any port of this machine, until ``close()`` or the
        notebook's end.

        Parameters
        ----------
        height : int
            Of the frame, pixels.

        Raises
        ------
        ArchiveError
            If there is no archive.
        SettingsError
            If the extra ``web`` is not installed.
        """
        from gphoton_db.serve.notebook import view

        return view(self._catalogue, height)

    # ---- adding photons -----------------------------------------------------------------------

    def verify(
        self,
        eclipses: "Iterable[int] | None" = None,
        *,
        deep: bool = False,
        repair: bool = False,
        on_progress: Progress = no_progress,
    ) -> "Verification":
        """Compare the archive's files with its catalogue.

        Parameters
        ----------
        eclipses : iterable of int, optional
            Only these; by default all.
        deep : bool
            Read every byte: hashes, checksums, order, bounds, and whether ticks fit photons.
        repair : bool
            Make a damaged catalogue anew from its own files and those of legs, and ingest damaged
            legs anew, from telemetry that is in the archive or is fetched; then look again.
        on_progress : callable, optional
            Called with ``(stage, done, total)``.

        Returns
        -------
        Verification
            What is wrong (``faults``), and what was ``repaired``.

        Raises
        ------
        ArchiveError
            If the catalogue cannot be opened at all.
        """
        from gphoton_db.intake.verify.repair import verify_archive

        chosen = None if eclipses is None else sorted(set(eclipses))
        check_writable(self._catalogue)
        writer = self._writer(None) if repair else None
        return verify_archive(
            self._catalogue.paths, chosen, deep=deep, writer=writer, on_progress=on_progress
        )

    @takes(IngestOptions, IngestChoices)
    def ingest(
        self,
        eclipse: int,
        band: str | Band,
        *,
        service: "ServiceOptions | None" = None,
        on_progress: Progress = no_progress,
        on_download: Progress = no_progress,
        **options: Unpack[IngestChoices],
    ) -> "IngestReport":
        """Reduce the telemetry of one band of an eclipse and add its photons.

        Inputs that are neither given nor in the archive's folders are fetched into these folders
        from the mission archive.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        **options
            Fields of `IngestOptions`.
        service : ServiceOptions, optional
            Addresses and limits of the mission archive; by default from settings and environment.
        on_progress : callable, optional
            Called with ``(stage, done, total)``.
        on_download : callable, optional
            Called with ``(file name, bytes done, bytes in all)``.

        Returns
        -------
        IngestReport
            The report; its ``outcome`` is ``ingested``, ``replaced`` or ``skipped``.

        Raises
        ------
        GPhotonError
            If an input cannot be used, or the archive cannot be written.  The archive is then as
            it was.
        """
        from gphoton_db.intake.ingest_band import ingest

        return ingest(
            self._writer(service, **options),
            eclipse,
            band,
            IngestOptions(**options),
            on_progress=on_progress,
            on_download=on_download,
        )

    @takes(IngestOptions, IngestChoices)
    def ingest_many(
        self,
        eclipses: Eclipses,
        bands: Bands = (),
        *,
        jobs: int | None = None,
        cluster: "Cluster | None" = None,
        service: "ServiceOptions | None" = None,
        failed: str | Path | None = None,
        watch: "Watch | None" = None,
        find: "Obtain | None" = None,
        **options: Unpack[IngestChoices],
    ) -> "ManyReport":
        """Ingest many eclipses, several at a time; bands that are in the archive are skipped.

        Parameters
        ----------
        eclipses : str, path or iterable
            ``"23400-23500,23600"``, a file (`many.eclipse_list.read_eclipses`), numbers, or pairs
            of a number and a band.
        bands : str, Band or several of them
            Bands of the eclipses for which `eclipses` names none.
        **options
            Fields of `IngestOptions`.
        jobs : int, optional
            Reductions at a time, each in a process of its own; by default half the cores.
        cluster : str, path or distributed.Client, optional
            A Dask cluster whose workers do the jobs: address of its scheduler, ``slurm``, or a
            file; `jobs` is then by default one for each worker.
        service : ServiceOptions, optional
            As for `ingest`.
        failed : path, optional
            File that lists the failed bands; it can be given as `eclipses` next time.  It is
            updated, and removed when it is empty.  By default ``failed-eclipses.csv`` in the
            archive.
        watch : Watch, optional
            Its methods are called with the progress.
        find : callable, optional
            Finds the inputs of a band, in place of `raw6`, `pointing`, `calibration` and
            `service`; called by several threads.

        Returns
        -------
        ManyReport
            The result of each band.  A band that fails is listed here, and raises no error.

        Raises
        ------
        EclipseListError
            If the list cannot be understood, or `failed` is another kind of file.
        GPhotonError
            If a given path does not exist, the archive cannot be read or written, or the
            mission archive gives no answer.
        KeyboardInterrupt
            At Ctrl-C: bands that were reduced are in the archive, and the same call goes on.
        """
        from gphoton_db.intake.many.ingest import ingest_many

        return ingest_many(
            self._writer(service, **options),
            eclipses,
            bands,
            IngestOptions(**options),
            jobs=jobs,
            cluster=cluster,
            failed=failed,
            watch=watch,
            find=find,
        )

    @takes(IngestOptions, InputChoices)
    def run(
        self,
        eclipse: int,
        band: str | Band,
        options: "RunOptions | None" = None,
        *,
        recreate: bool = False,
        service: "ServiceOptions | None" = None,
        on_ingest: "Callable[[IngestReport], None] | None" = None,
        on_leg: "Callable[[LegReport], None] | None" = None,
        on_progress: Progress = no_progress,
        on_download: Progress = no_progress,
        **inputs: Unpack[InputChoices],
    ) -> "RunReport":
        """Ingest a band of an eclipse, and make and write images, movies and photometry of it.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        options : RunOptions, optional
            The products to make; by default the image of each leg and photometry in it.
        **inputs
            Fields of `IngestOptions`.
        recreate : bool
            Ingest again, and replace the photons in the archive.
        service : ServiceOptions, optional
            As for `ingest`.
        on_ingest, on_leg : callable, optional
            Called with each report as soon as it is there.
        on_progress : callable, optional
            Called with ``(stage, done, total)``.
        on_download : callable, optional
            Called with ``(file name, bytes done, bytes in all)``.

        Returns
        -------
        RunReport
            The report of the ingest and of each leg.

        Raises
        ------
        GPhotonError
            If a product cannot be made.  Products that were made before stay.
        """
        from gphoton_db.pipeline.run import run_pipeline
        from gphoton_db.products.run_options import RunOptions

        return run_pipeline(
            self._writer(service, **inputs),
            self._product_reader,
            eclipse,
            band,
            options or RunOptions(),
            IngestOptions(**inputs, force=recreate),
            on_ingest=on_ingest,
            on_leg=on_leg,
            on_progress=on_progress,
            on_download=on_download,
        )

    @takes(IngestOptions, InputChoices)
    def run_many(
        self,
        eclipses: Eclipses,
        bands: Bands = (),
        options: "RunOptions | None" = None,
        *,
        recreate: bool = False,
        jobs: int | None = None,
        cluster: "Cluster | None" = None,
        service: "ServiceOptions | None" = None,
        failed: str | Path | None = None,
        watch: "RunWatch | None" = None,
        **inputs: Unpack[InputChoices],
    ) -> "ManyRunReport":
        """Run the pipeline over many eclipses, several at a time; what is made already is kept.

        Parameters
        ----------
        eclipses, bands
            As for `ingest_many`.
        options : RunOptions, optional
            As for `run`; `threads` are those of each job.
        **inputs
            Fields of `IngestOptions`, for bands that are not in the archive.
        recreate : bool
            Ingest all of them again, and make all products anew.
        jobs : int, optional
            Bands at a time, each in a process of its own; by default half the cores.
        cluster : str, path or distributed.Client, optional
            As for `ingest_many`.
        service : ServiceOptions, optional
            As for `ingest`.
        failed : path, optional
            As for `ingest_many`; by default ``failed-runs.csv`` in the archive.
        watch : RunWatch, optional
            Its methods are called with the progress.

        Returns
        -------
        ManyRunReport
            The result of each band and leg.  A band that fails is listed here, and raises no error.

        Raises
        ------
        EclipseListError
            If the list cannot be understood, or `failed` is another kind of file.
        GPhotonError
            If an option is not valid, a given path does not exist, the archive cannot be read or
            written, or the mission archive gives no answer.
        KeyboardInterrupt
            At Ctrl-C: legs that were finished are in the archive, and the same call goes on.

        Notes
        -----
        A leg is passed over if all files that `options` ask for are in ``products``, listed in the
        table of products as made in that way of the leg as it is now, and of the size that they
        had.  All files of a leg appear in one step.
        """
        from gphoton_db.pipeline.run_many import run_many
        from gphoton_db.products.run_options import RunOptions

        return run_many(
            self._writer(service, **inputs),
            eclipses,
            bands,
            options or RunOptions(),
            IngestOptions(**inputs, force=recreate),
            jobs=jobs,
            cluster=cluster,
            failed=failed,
            watch=watch,
        )

    # ---- visits -------------------------------------------------------------------------------

    @takes(SearchOptions, SearchChoices)
    def search(
        self, ra: Any = None, dec: Any = None, **conditions: Unpack[SearchChoices]
    ) -> "Table":
        """Return the visits that are known, ingested or not, and fulfil all conditions.

        Parameters
        ----------
        ra, dec : optional
            A position (see the class).
        **conditions
            Fields of `SearchOptions`.

        Returns
        -------
        astropy.table.Table
            A row for each leg and band, in order of time: ``eclipse, band, leg, ingested, ra0,
            dec0`` (deg), ``separation`` (arcsec, of the boresight from the position),
            ``plan_type, t0, t1`` (GALEX s), ``utc, exposure, on_time`` (s), ``command`` (which
            ingests it).  An unknown value is NaN, empty or masked, and fulfils no condition.

        Raises
        ------
        ProductError
            If a condition is not valid.

        Notes
        -----
        The field of a leg that is not ingested is a circle of 0.625 deg about its boresight.  At
        its rim a position is compared with the true outline of ingested legs, and of legs in an
        imported ``leg-aperture`` table.  A box is compared with circles.
        """
        from gphoton_db.products.search import table_of

        return table_of(self.search_rows(ra, dec, options=SearchOptions(**conditions)))

    def search_rows(
        self, ra: Any = None, dec: Any = None, *, options: SearchOptions | None = None
    ) -> "FoundVisits":
        """Return what `search` finds as plain rows, for which astropy is not imported.

        Parameters
        ----------
        ra, dec : optional
            The position (see the class).
        options : SearchOptions, optional
            The conditions; by default none.

        Raises
        ------
        ProductError
            If a condition makes no sense.
        """
        from gphoton_db.products.found_visits import find_visits

        connection = self._session.connection()
        return find_visits(connection, self.paths, ra, dec, options or SearchOptions())

    def find(
        self,
        ra: Any,
        dec: Any = None,
        *,
        bands: Bands = None,
        on_progress: Progress = no_progress,
    ) -> "Table":
        """Return the visits that saw a position, or several, ingested or not.

        Parameters
        ----------
        ra, dec
            The position (see the class); or, as `ra`, several: what `lightcurves` takes.
        bands
            See the class.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in positions.

        Returns
        -------
        astropy.table.Table
            A row for each leg and band: ``position, ra, dec, eclipse, band, leg, ingested, t0,
            t1`` (GALEX s, with the position in the field), ``exposure`` (s, corrected for dead
            time), ``detrad_min, detrad_max`` (detector pixels), ``separation`` (arcsec from the
            boresight), ``command`` (which ingests it, if it is not).  ``meta`` has the total
            exposure of each band, and the numbers of positions without rows (logged as well):
            invalid ones (``N_NO_POSITION``), and those that no visit saw (``N_OFF_FIELD``).

        Raises
        ------
        ProductError
            If the position is not valid.
        """
        from gphoton_db.products.find import find_visits

        return find_visits(self._product_reader(on_progress), ra, dec, bands)

    def import_pointing(
        self,
        directory: str | Path,
        *,
        threads: int | None = None,
        on_progress: Progress = no_progress,
    ) -> "PointingImport":
        """Import the consolidated pointing tables of the whole mission.

        They are rewritten by eclipse below ``pointing/consolidated``, where ingests look when no
        path was given; the tables ``eclipses`` and ``boresights`` then have all visits.  A table
        replaces that of an earlier import.

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
            Called with ``(stage, done, total)``; each table is a stage.

        Returns
        -------
        PointingImport
            The numbers of imported rows, and of unusable rows, which are left out.

        Raises
        ------
        PointingError
            If there is no such table, or one is damaged, lacks columns or has no usable row.
        ArchiveError
            If the archive cannot be written.  It is as it was after any error.
        """
        from gphoton_db.intake.pointing_import import import_tables

        return import_tables(
            self._to_be_written(), directory, threads=threads, on_progress=on_progress
        )

    def note_visits(self, eclipses: Iterable[int]) -> int:
        """Enter the visits of the archive's pointing files, so that `search` finds them.

        Parameters
        ----------
        eclipses : iterable of int
            Eclipse numbers; files of other eclipses are not read.

        Returns
        -------
        int
            Number of these eclipses of which the files have data.

        Raises
        ------
        PointingError
            If the folder cannot be searched.
        ArchiveError
            If the archive cannot be written.
        """
        from gphoton_db.intake.visits import note_known_visits

        return note_known_visits(self._to_be_written(), eclipses)

    def compact(
        self, *, fewest: int | None = None, again: bool = False, on_progress: Progress = no_progress
    ) -> "Compacted":
        """Copy the photons of fields with many visits into common files, which are read faster.

        Parameters
        ----------
        fewest : int, optional
            Legs of a field and band that are worth it (10); new ones wait until there are so many.
        again : bool
            Merge also what is merged already, all of it anew.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in fields.
        """
        from gphoton_db.intake.compact import compact

        return compact(self._to_be_written(), fewest=fewest, again=again, on_progress=on_progress)

    def mask(
        self,
        eclipses: int | Iterable[int],
        band: str | Band,
        leg: "LegChoice" = "all",
        *,
        path: str | Path | None = None,
        on_progress: Progress = no_progress,
        **options: Unpack[MaskChoices],
    ) -> "DetectorMask":
        """Find the hot and cold cells of the detector from the photons of legs, all together.

        A star moves over the detector with the dither, so that what a cell sees of it is of one
        place on the sky; photons of a hot cell are all over the path of the pointing.  Photons in
        the archive stay as they are: `image` takes the mask with ``mask="data"`` (of the leg
        itself) or ``mask=FILE``.

        Parameters
        ----------
        eclipses : int or iterable of int
            Whose legs: those of more visits tell more.
        band : str or Band
            NUV or FUV.
        leg : int, list of int or "all"
            Which legs of each.
        path : str or Path, optional
            File to write it to, or folder; entered into the archive's table ``products``.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in legs.
        **options
            Fields of `MaskOptions`: ``hot_rate`` (1/s, at least), ``hot_spread`` (relative to that
            of the pointing, at least), ``cold_rate`` (1/s, at most), ``cold_part`` (of what the
            neighbours have, at most).

        Raises
        ------
        ProductError
            If there is no such leg, an option is not valid, or the pointing of none moved enough.
        """
        from gphoton_db.products.masks.make import make_mask, write_mask
        from gphoton_db.products.masks.options import MaskOptions

        reader, chosen = self._product_reader(on_progress), MaskOptions(**options)
        numbers = [eclipses] if isinstance(eclipses, int) else list(eclipses)
        made = make_mask(reader, numbers, Band.parse(band), leg, chosen)
        if path is not None:
            write_mask(reader, made, Path(path), numbers)
        return made

    def objects(self, radius: Any = 3.0, *, on_progress: Progress = no_progress) -> "LinkedObjects":
        """Link the catalogue entries of all visits into objects, and keep them in the archive.

        Entries are of one object if steps of at most the radius, from entry to entry, lead from one
        to the other.  The views ``objects`` and ``object_visits`` have the result.  Run it again
        after visits were added: objects keep their numbers.  Which entries are linked depends on
        the entries alone, numbers on the order in which visits came.

        Parameters
        ----------
        radius : float or Quantity
            Longest step, arcsec, 0.5 to 3600.
        on_progress : callable, optional
            Called with ``(stage, done, total)``.

        Returns
        -------
        LinkedObjects
            How many there are, and what is to be known of them.

        Raises
        ------
        ProductError
            If the radius is none, or the archive has no catalogue entries.
        ArchiveError
            If the archive cannot be changed.
        """
        from gphoton_db.products.objects.make import make_objects

        return make_objects(self._product_reader(on_progress), radius)

    def match(
        self,
        table: Any,
        radius: Any = 3.0,
        *,
        epoch: Any = None,
        pm: "bool | tuple[str, str] | None" = None,
        eclipses: Iterable[int] | None = None,
        name: str | None = None,
        on_progress: Progress = no_progress,
    ) -> "QTable":
        """Match catalogue entries with a table of your own, and check their astrometry by it.

        Rows are moved by their proper motion to the time of each visit.  Shift, rotation and
        scatter of each leg and band are kept in the archive (view ``astrometry``); shifts above 1
        arcsec are logged as warnings, as is what is wrong with rows of the table.

        Parameters
        ----------
        table : str, Path, astropy Table, pandas DataFrame or pyarrow Table
            Positions (as for `photometry`); proper motions ``pmra``, ``pmdec`` (mas/yr, or in the
            unit of the column), ``ref_epoch`` or ``epoch`` (years) and names, if there are any.
            Files: CSV, ECSV, Parquet, FITS, VOTable.
        radius : float or Quantity
            Farthest match, arcsec, 0.5 to 3600.
        epoch : float, Time or str, optional
            Year of the positions, or the name of a column of years; None: as the table says.
        pm : bool or (str, str), optional
            Whether proper motions are applied, or the names of their columns; None: if there are.
        eclipses : iterable of int, optional
            Whose entries; None: all.
        name : str, optional
            Of the table in the view ``astrometry``; by default that of the file.
        on_progress : callable, optional
            Called with ``(stage, done, total)``.

        Returns
        -------
        QTable
            One row for each entry: ``row`` (from 0; -1: no match) and ``name`` of the best match,
            ``match_ra, match_dec`` (where it was at the visit), ``separation``, the same of the
            second best, ``chance`` (probability that a position without a counterpart has one so
            near), and ``flags``: bits 1 another row within the radius, 2 the row is nearer to
            another entry of the visit, 4 the row was not moved, 8 the entry has no position, 16 no
            row in the visit's field.  ``meta["CHANCE"]`` is the part of shifted positions that
            match.

        Raises
        ------
        ProductError
            If the table cannot be read, an argument is not valid, or there are no entries.
        """
        from gphoton_db.products.objects.make_match import match_entries

        return match_entries(
            self._product_reader(on_progress),
            table,
            radius,
            epoch=epoch,
            pm=pm,
            eclipses=None if eclipses is None else list(eclipses),
            name=name,
        )

    # ---- images, movies, exposure ---------------------------------------------------------------

    @overload
    def image(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | None = None,
        **options: Unpack[ImageChoices],
    ) -> "Image": ...

    @overload
    def image(
        self,
        eclipse: int,
        band: str | Band,
        leg: "SeveralLegs",
        **options: Unpack[ImageChoices],
    ) -> "Iterator[Image]": ...

    @takes(ImageOptions, ImageChoices)
    def image(
        self,
        eclipse: int,
        band: str | Band,
        leg: "LegChoice" = None,
        **options: Unpack[ImageChoices],
    ) -> "Image | Iterator[Image]":
        """Make the full-depth image of a leg.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        leg : int, list of int or "all", optional
            Which leg (see the class).
        **options
            Fields of `ImageOptions`.

        Returns
        -------
        Image
            Or, for several legs, an iterator of them.

        Raises
        ------
        ProductError
            If the leg is not there, has no photons on the detector, or an option is not valid.
        """
        from gphoton_db.products.images.make import make_image
        from gphoton_db.products.reader import make_of_legs

        make = partial(make_image, options=ImageOptions(**options))
        return make_of_legs(self._product_reader, eclipse, band, leg, make)

    @overload
    def movie(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | None = None,
        *,
        on_progress: Progress = ...,
        **options: Unpack[MovieChoices],
    ) -> "Movie": ...

    @overload
    def movie(
        self,
        eclipse: int,
        band: str | Band,
        leg: "SeveralLegs",
        *,
        on_progress: Progress = ...,
        **options: Unpack[MovieChoices],
    ) -> "Iterator[Movie]": ...

    @takes(MovieOptions, MovieChoices)
    def movie(
        self,
        eclipse: int,
        band: str | Band,
        leg: "LegChoice" = None,
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[MovieChoices],
    ) -> "Movie | Iterator[Movie]":
        """Make the movie of a leg: frames of equal length, each made when it is asked for.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        leg : int, list of int or "all", optional
            Which leg (see the class).
        **options
            Fields of `MovieOptions`.
        on_progress : callable, optional
            Called with ``("reading", done, total)``.

        Returns
        -------
        Movie
            A sequence of frames.  Or, for several legs, an iterator of movies.

        Raises
        ------
        ProductError
            If the leg is not there, has no photons on the detector, or an option is not valid.
        """
        from gphoton_db.products.movies.make import make_movie
        from gphoton_db.products.reader import make_of_legs

        make = partial(make_movie, options=MovieOptions(**options), on_progress=on_progress)
        return make_of_legs(self._product_reader, eclipse, band, leg, make)

    @overload
    def exposure(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | None = None,
        *,
        depth: Any = ...,
    ) -> "Table": ...

    @overload
    def exposure(
        self,
        eclipse: int,
        band: str | Band,
        leg: "SeveralLegs",
        *,
        depth: Any = ...,
    ) -> "Iterator[Table]": ...

    def exposure(
        self,
        eclipse: int,
        band: str | Band,
        leg: "LegChoice" = None,
        *,
        depth: Any = None,
    ) -> "Table | Iterator[Table]":
        """Return the exposure of a leg, as a whole or of each frame.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        leg : int, list of int or "all", optional
            Which leg (see the class).
        depth : float or Quantity, optional
            Length of a frame, s; None: the whole leg, from the first to the last photon on the
            detector.

        Returns
        -------
        astropy.table.Table
            ``frame``, ``t0``, ``t1`` (GALEX s), ``raw_exposure`` (s, without closed shutter),
            ``exposure`` (s, dead time corrected), ``events``, ``unflagged``.  Or, for
            ``leg="all"``, an iterator of such tables.

        Raises
        ------
        ProductError
            If the leg is not there, has no photons on the detector, or `depth` is not valid.
        """
        from gphoton_db.products.exposure import exposure_table
        from gphoton_db.products.reader import make_of_legs

        make = partial(exposure_table, depth=depth)
        return make_of_legs(self._product_reader, eclipse, band, leg, make)

    def write_exposure(self, table: "Table", path: str | Path) -> Path:
        """Write a table that `exposure` returned to a CSV file, ``...-exptime.csv``.

        Parameters
        ----------
        table : astropy.table.Table
            The table.
        path : str or Path
            The file, which is replaced; or a folder, in which it gets its usual name.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        ProductError
            If it cannot be written; no part of a file is left then.
        """
        from gphoton_db.products.exposure import write_exposure

        return write_exposure(self._product_reader(), table, path)

    # ---- any part of the sky --------------------------------------------------------------------

    @takes(MapOptions, MapChoices)
    def map(
        self,
        ra: Any,
        dec: Any = None,
        size: Any = 0.1,
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[MapChoices],
    ) -> "list[SkyMap]":
        """Map a box on the sky, from the photons of all visits.

        Parameters
        ----------
        ra, dec : float, Quantity, or SkyCoord
            Centre of the box, deg or any angle; or `ra` is a SkyCoord.
        size : float, Quantity, or a pair of them
            Side, or width and height, deg or any angle.
        **options
            Fields of `MapOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in legs.

        Returns
        -------
        list of SkyMap
            One for each band, and with `depth` one for each interval, in the order of time.

        Raises
        ------
        ProductError
            If there is no coverage, an option is not valid, or the maps would be too large.
        """
        from gphoton_db.products.maps.write import map_sky

        return map_sky(self._product_reader(on_progress), ra, dec, size, MapOptions(**options))

    @takes(MapOptions, CutoutChoices)
    def cutout(
        self,
        eclipse: int,
        band: str | Band,
        ra: Any,
        dec: Any = None,
        size: Any = 0.1,
        *,
        leg: int | None = None,
        **options: Unpack[CutoutChoices],
    ) -> "SkyMap":
        """Map a box on the sky from one leg alone.

        Parameters
        ----------
        eclipse, band, leg
            The leg; None is the only one.
        ra, dec, size
            As for `map`.
        **options
            Fields of `MapOptions`.

        Raises
        ------
        ProductError
            If the leg is not there or did not see the box, or an option is not valid.
        """
        from gphoton_db.products.maps.write import cut_out

        box = (ra, dec, size)
        return cut_out(self._product_reader(), eclipse, band, leg, box, MapOptions(**options))

    @takes(HipsOptions, HipsChoices)
    def hips(
        self,
        folder: str | Path,
        band: str | Band,
        eclipses: Iterable[int] | None = None,
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[HipsChoices],
    ) -> "WrittenHips":
        """Write the sky of all visits as HiPS tiles, which Aladin and other browsers show.

        Parameters
        ----------
        folder : str or Path
            New, or of an earlier HiPS, which is replaced when the new one is complete.  One that
            was interrupted is gone on with.
        band : str or Band
            NUV or FUV.
        eclipses : iterable of int, optional
            Only these; None: all of the archive.
        **options
            Fields of `HipsOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``.

        Raises
        ------
        ProductError
            If an option is not valid, an eclipse is not ingested in this band, no leg has good
            photons then, or the folder cannot be written or holds something else.
        """
        from gphoton_db.products.hips.make import write_hips

        reader = self._product_reader(on_progress)
        return write_hips(reader, folder, band, eclipses, HipsOptions(**options))

    def moc(
        self, band: str | Band, eclipses: Iterable[int] | None = None, *, order: int = 10
    ) -> "Moc":
        """Return the sky that legs saw as a MOC of HEALPix pixels; its ``write`` makes a file.

        Parameters
        ----------
        band, eclipses
            As for `hips`.
        order : int
            Of the pixels, up to 14; those of order 10 are 3.4 arcmin.

        Raises
        ------
        ProductError
            If an eclipse is not ingested in this band, or the order is not valid.
        """
        from gphoton_db.products.hips.coverage import coverage_moc

        return coverage_moc(self._product_reader(), band, eclipses, order)

    @staticmethod
    def coadd(
        files: Sequence[str | Path],
        *,
        how: str = "weighted",
        geometry: "ImageGeometry | None" = None,
    ) -> "Coadd":
        """Add images of one band that `image` or `map` wrote; no archive is needed.

        If the photons are in an archive, `map` is better: it resamples nothing.

        Parameters
        ----------
        files : sequence of path
            FITS files; they are read one at a time.
        how : str
            ``weighted``: sum of counts by sum of exposures; ``unweighted``: mean of the images'
            intensities; ``sum``: sum of counts.
        geometry : ImageGeometry, optional
            Geometry of the result; by default it holds all images, with the smallest pixels of
            these.

        Raises
        ------
        ProductError
            If there are no files, one cannot be read or is of another kind, they are of different
            bands, or the result would be too large.
        """
        from gphoton_db.products.maps.coadd import coadd

        return coadd(files, how=how, geometry=geometry)

    def coverage(self, eclipse: int, band: str | Band, leg: int | None = None) -> "CoverageRegions":
        """Return the sky that a leg saw, at least once and all of the time, as polygons.

        Parameters
        ----------
        eclipse, band, leg
            The leg; None is the only one.

        Raises
        ------
        ProductError
            If there is no such leg.
        """
        from gphoton_db.products.images.coverage import coverage_of

        return coverage_of(self._product_reader(), eclipse, band, leg)

    def import_coverage(self, path: str | Path) -> int:
        """Import the coverage of ingested legs from a consolidated ``leg-aperture`` table.

        Parameters
        ----------
        path : str or Path
            The Parquet file.

        Returns
        -------
        int
            Number of legs whose coverage was replaced.

        Raises
        ------
        PointingError
            If the table is damaged, or lacks columns.
        """
        from gphoton_db.products.images.coverage import import_apertures

        return import_apertures(self._product_reader(), path)

    # ---- positions and sources ------------------------------------------------------------------

    @takes(LightCurveOptions, LightCurveChoices)
    def lightcurve(
        self,
        ra: Any,
        dec: Any = None,
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[LightCurveChoices],
    ) -> "LightCurve":
        """Return the light curve of a position, over all visits.

        Parameters
        ----------
        ra, dec
            The position (see the class).
        **options
            Fields of `LightCurveOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in legs.

        Returns
        -------
        LightCurve
            An astropy TimeSeries.

        Raises
        ------
        NoCoverageError
            If no ingested leg saw the position; the message names visits to ingest, if any.
        ProductError
            If the position, the radii, the step or the ranges are not valid.
        """
        from gphoton_db.products.lightcurves.measure import measure_position

        reader = self._product_reader(on_progress)
        return measure_position(reader, ra, dec, LightCurveOptions(**options))

    @takes(LightCurveOptions, LightCurveChoices)
    def lightcurve_columns(
        self,
        ra: Any,
        dec: Any = None,
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[LightCurveChoices],
    ) -> "dict[str, NDArray[Any]]":
        """Return the columns of `lightcurve` as plain arrays, by their names.

        It takes a fraction of the time in a process that has not imported astropy, and has no
        ``time`` and no ``bjd_tdb``: t0 and t1 are GALEX times.  The numbers are the same.

        Parameters
        ----------
        ra, dec
            The position (see the class).
        **options
            Fields of `LightCurveOptions`; the method is photon.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in legs.

        Raises
        ------
        NoCoverageError
            If no ingested leg saw the position; the message names visits to ingest, if any.
        ProductError
            If the position, the radii, the step, the ranges or the method are not valid.
        """
        from gphoton_db.products.lightcurves.measure import columns_of_position

        reader = self._product_reader(on_progress)
        return columns_of_position(reader, ra, dec, LightCurveOptions(**options))

    @takes(FlareOptions, FlareChoices)
    def flares(
        self,
        ra: Any,
        dec: Any = None,
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[FlareChoices],
    ) -> "QTable":
        """Find the flares of a light curve, a position, or a list of positions.

        Parameters
        ----------
        ra, dec
            The position (see the class); a light curve, as `lightcurve` returns it; or a list, as
            for `lightcurves`, whose parallaxes (mas) or distances (pc) count if it has any.
        **options
            Fields of `FlareOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in legs.

        Returns
        -------
        QTable
            One row a flare and band, with the columns of the view ``flares``, which has them too,
            in the place of earlier ones of the same visits and place.

        Raises
        ------
        NoCoverageError
            If no ingested leg saw the position.
        ProductError
            If a position, a column or an option is not valid.
        """
        from gphoton_db.products.flares.make import find_flares

        return find_flares(self._product_reader(on_progress), ra, dec, FlareOptions(**options))

    @takes(LightCurveOptions, MeasurementChoices)
    def lightcurves(
        self,
        positions: Any,
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[MeasurementChoices],
    ) -> "QTable":
        """Return the light curves of many positions, in one pass over the photons of each leg.

        Parameters
        ----------
        positions : SkyCoord, table, data frame, or path
            Directions, or a table with columns ``ra`` and ``dec`` (deg), or a file of one: CSV,
            ECSV, Parquet, VOTable or FITS.
        **options
            Fields of `LightCurveOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in legs.

        Returns
        -------
        QTable
            The columns of a `LightCurve` after ``position`` (number in the table, from 0),
            ``ra``, ``dec`` and ``position_flags`` (1 no position, 2 duplicate, 4 off the field).
            Every position has at least one row.

        Raises
        ------
        ProductError
            If the table cannot be read or has no such columns, or an option is not valid; or if
            there would be more than 2 million rows, which take about 1 kB each: use
            `write_lightcurves` or `lightcurve_blocks` instead.
        """
        from gphoton_db.products.lightcurves.measure import measure_positions

        reader = self._product_reader(on_progress)
        return measure_positions(reader, positions, LightCurveOptions(**options))

    @takes(LightCurveOptions, MeasurementChoices)
    def lightcurve_blocks(
        self,
        positions: Any,
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[MeasurementChoices],
    ) -> "Iterator[QTable]":
        """Return the table of `lightcurves` in blocks of positions, in their order.

        Each is made when it is asked for, so memory holds one: about 250,000 rows, or those of one
        position where that has more.

        Parameters
        ----------
        positions
            As for `lightcurves`.
        **options
            Fields of `LightCurveOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in legs of all blocks.

        Returns
        -------
        iterator of QTable
            At least one; each with the ``meta`` of the whole.

        Raises
        ------
        ProductError
            As for `lightcurves`, but for the number of rows.
        """
        from gphoton_db.products.lightcurves.measure import blocks_of_positions

        reader = self._product_reader(on_progress)
        return blocks_of_positions(reader, positions, LightCurveOptions(**options))

    @takes(LightCurveOptions, MeasurementChoices)
    def write_lightcurves(
        self,
        positions: Any,
        path: str | Path,
        format: str | None = None,
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[MeasurementChoices],
    ) -> "WrittenLightCurves":
        """Write the light curves of many positions to a file, as they are made.

        The file is that of `lightcurves` and `write_measured`, and as they do, it is entered into
        the archive's table ``products``.

        Parameters
        ----------
        positions
            As for `lightcurves`.
        path : str or Path
            The file, which is replaced.
        format : str, optional
            ``parquet`` or ``csv``, which are written in blocks, for any number of positions;
            ``ecsv``, ``fits`` or ``votable``, which are made as a whole.  By default from the
            ending.
        **options
            Fields of `LightCurveOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in legs of all blocks.

        Returns
        -------
        WrittenLightCurves
            The path, the number of rows, and the ``meta`` of the table.

        Raises
        ------
        ProductError
            As for `lightcurves`, but for the number of rows in Parquet and CSV; or if there is no
            such format, or the file cannot be written.
        """
        from gphoton_db.products.lightcurves.measure import write_positions

        reader, chosen = self._product_reader(on_progress), LightCurveOptions(**options)
        return write_positions(reader, positions, path, format, chosen)

    @takes(LightCurveOptions, MeasurementChoices)
    def lightcurves_many(
        self,
        positions: Any,
        folder: str | Path,
        *,
        jobs: int | None = None,
        cluster: "Cluster | None" = None,
        on_progress: Progress = no_progress,
        **options: Unpack[MeasurementChoices],
    ) -> "ManyLightCurves":
        """Write the light curves of very many positions as a folder of Parquet files.

        The list is divided by place on the sky; each part is measured by a process of its own, and
        becomes a file.  Together they have the rows of `lightcurves`.  The same call goes on after
        an interruption: parts are passed over whose file is there, if their positions, options and
        legs are the same.

        Parameters
        ----------
        positions
            As for `lightcurves`.
        folder : str or Path
            New, or of an earlier call with the same positions and options.
        jobs, cluster
            As for `ingest_many`: parts at a time, and a Dask cluster.
        **options
            Fields of `LightCurveOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in parts.

        Returns
        -------
        ManyLightCurves
            What was made, was there, and failed; positions that failed are listed in
            ``_failed.csv``, too.

        Raises
        ------
        ProductError
            As for `lightcurves`, but for the number of rows; or if the folder holds other files.
        ClusterError
            If the cluster gives no answer.
        KeyboardInterrupt
            At Ctrl-C: the files of parts that were finished by then are there.
        """
        from gphoton_db.pipeline.lightcurves_many import lightcurves_many

        reader, chosen = self._product_reader(on_progress), LightCurveOptions(**options)
        return lightcurves_many(reader, positions, folder, chosen, jobs=jobs, cluster=cluster)

    @takes(HatsOptions, HatsChoices)
    def export_hats(
        self,
        table: str,
        folder: str | Path,
        positions: Any = None,
        *,
        curves: MeasurementChoices | None = None,
        jobs: int | None = None,
        cluster: "Cluster | None" = None,
        on_progress: Progress = no_progress,
        **options: Unpack[HatsChoices],
    ) -> "Exported":
        """Write a table as a HATS collection, which LSDB opens; a second export adds what is new.

        Parameters
        ----------
        table : str
            ``photons``, ``sources``, ``catalogue`` (entries of visits), or ``lightcurves``: a row a
            position, its bins nested.
        folder : str or Path
            Of the collection: new, or of an earlier export of the same table.
        positions : optional
            Of light curves, as for `lightcurves`.
        curves : dict, optional
            How these are measured: fields of `LightCurveOptions`, such as ``{"step": 20}``.
        jobs, cluster
            As for `ingest_many`: legs, or parts of the list, at a time, each in a process of its
            own, and a Dask cluster.  Without both, threads of this process do it.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in legs.
        **options
            Fields of `HatsOptions`.

        Returns
        -------
        Exported
            How many rows and partitions there are.

        Raises
        ------
        ProductError
            If there are no such rows, an option is not valid, the folder holds something else, or
            the extra ``hats`` is not installed.  With several processes: if some of it could not
            be exported, after the rest.
        """
        from gphoton_db.pipeline.hats_many import export_hats

        reader, chosen = self._product_reader(on_progress), HatsOptions(**options)
        what = (table, folder, chosen, positions, curves)
        return export_hats(reader, *what, jobs=jobs, cluster=cluster)

    def events(
        self,
        ra: Any,
        dec: Any = None,
        radius: Any = LightCurveOptions.radius,
        *,
        bands: Bands = None,
        time_ranges: TimeRanges = None,
        on_progress: Progress = no_progress,
    ) -> "Events":
        """Return the photons around a position from all visits, with weights.

        Parameters
        ----------
        ra, dec
            The position (see the class).
        radius : float or Quantity
            Radius, arcsec, up to 36000.
        bands, time_ranges
            See the class.
        on_progress : callable, optional
            Called with ``(stage, done, total)`` once, before the photons are read.

        Returns
        -------
        Events
            An astropy QTable, in the order of time.  Photons that no light curve counts (ghosts,
            those on dead pixels) have weight 0.

        Raises
        ------
        NoCoverageError
            If no ingested leg came near the position, or none in these times.
        ProductError
            If the position, the radius or the ranges are not valid.
        """
        from gphoton_db.products.photons.events import find_events

        reader = self._product_reader(on_progress)
        return find_events(reader, ra, dec, radius, bands=bands, time_ranges=time_ranges)

    def write_events(
        self,
        ra: Any,
        dec: Any = None,
        radius: Any = LightCurveOptions.radius,
        *,
        path: str | Path,
        format: str | None = None,
        bands: Bands = None,
        time_ranges: TimeRanges = None,
        on_progress: Progress = no_progress,
    ) -> "WrittenEvents":
        """Write the photons of `events` to a file; Parquet and CSV take little memory.

        Parameters
        ----------
        ra, dec, radius, bands, time_ranges, on_progress
            As for `events`.
        path : str or Path
            The file, which is replaced, and entered into the archive's table ``products``.
        format : str, optional
            ``ecsv``, ``csv``, ``fits``, ``parquet`` or ``votable``; by default from the ending.
            Parquet and CSV are written in blocks, the others as a whole.

        Raises
        ------
        NoCoverageError
            As for `events`.
        ProductError
            As for `events`, or if there is no such format, or the file cannot be written.
        """
        from gphoton_db.products.photons.events import event_query
        from gphoton_db.products.photons.write_events import write_events

        reader = self._product_reader(on_progress)
        query = event_query(reader, ra, dec, radius, bands=bands, time_ranges=time_ranges)
        return write_events(reader, query, path, format)

    def write_measured(self, table: "Table", path: str | Path, format: str | None = None) -> Path:
        """Write a table of `lightcurve`, `lightcurves`, `events` or `find` to a file.

        The file is entered into the archive's table ``products``, which a table's own ``write``
        cannot do.

        Parameters
        ----------
        table : astropy.table.Table
            The table.
        path : str or Path
            The file, which is replaced.
        format : str, optional
            ``ecsv``, ``csv``, ``fits``, ``parquet`` or ``votable``; by default from the ending.

        Raises
        ------
        ProductError
            If there is no such format, or the file cannot be written.
        """
        from gphoton_db.products.tables import write_registered

        return write_registered(self._product_reader(), table, path, format)

    def detect(self, image: "Image", *, extended_sources: bool = False) -> "Detection":
        """Find the sources in an image.

        Parameters
        ----------
        image : Image
            Image of a whole leg, made by `image`.
        extended_sources : bool
            Outline extended sources too.

        Returns
        -------
        Detection
            Its ``sources`` are in the archive too, in the view ``sources`` as catalogue
            ``detected``, if the image is of the leg that it has now.
        """
        from gphoton_db.products.sources.detect import detect_sources

        check_writable(self._catalogue)
        return detect_sources(self._product_reader(), image, extended_sources=extended_sources)

    @overload
    def photometry(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | None = None,
        **options: Unpack[PhotometryChoices],
    ) -> "Photometry": ...

    @overload
    def photometry(
        self,
        eclipse: int,
        band: str | Band,
        leg: "SeveralLegs",
        **options: Unpack[PhotometryChoices],
    ) -> "Iterator[Photometry]": ...

    @takes(PhotometryOptions, PhotometryChoices)
    def photometry(
        self,
        eclipse: int,
        band: str | Band,
        leg: "LegChoice" = None,
        **options: Unpack[PhotometryChoices],
    ) -> "Photometry | Iterator[Photometry]":
        """Measure the sources of a leg in apertures, and store the result in the archive.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        leg : int, list of int or "all", optional
            Which leg (see the class).
        **options
            Fields of `PhotometryOptions`.

        Returns
        -------
        Photometry
            Or, for several legs, an iterator of them.  The views ``sources`` and ``photometry``
            have the same.

        Raises
        ------
        ProductError
            If the leg is not there, has no photons on the detector, or an option is not valid.
        """
        from gphoton_db.products.reader import make_of_legs
        from gphoton_db.products.sources.make_photometry import make_photometry

        check_writable(self._catalogue)
        make = partial(make_photometry, options=PhotometryOptions(**options))
        return make_of_legs(self._product_reader, eclipse, band, leg, make)

    @takes(CatalogueOptions, CatalogueChoices)
    def catalogue(
        self,
        eclipse: int,
        leg: "LegChoice" = "all",
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[CatalogueChoices],
    ) -> "pa.Table":
        """Detect the sources of an eclipse, and measure each in both bands, into the archive.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        leg : int, list of int or "all"
            Which legs.
        **options
            Fields of `CatalogueOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in bands: each is detected in, and measured in.

        Returns
        -------
        pyarrow.Table
            The entries of all of these legs, with the columns of the view ``catalogue``, which has
            them too, in the place of earlier ones of these legs.

        Raises
        ------
        ProductError
            If the eclipse is not there, no leg of it has photons on the detector, or an option is
            not valid.
        """
        from gphoton_db.products.catalogue.make import make_catalogue

        open_reader = partial(self._product_reader, on_progress)
        return make_catalogue(open_reader, eclipse, leg, CatalogueOptions(**options))

    @takes(CatalogueOptions, CatalogueChoices)
    def catalogue_many(
        self,
        eclipses: Eclipses,
        *,
        jobs: int | None = None,
        cluster: "Cluster | None" = None,
        failed: str | Path | None = None,
        watch: "CatalogueWatch | None" = None,
        **options: Unpack[CatalogueChoices],
    ) -> "ManyCatalogues":
        """Make the catalogues of many eclipses, several at a time; see `catalogue`.

        Eclipses are passed over if the entries of all their legs, as these are now, are there and
        were measured in the same way.

        Parameters
        ----------
        eclipses : str, path or iterable
            As for `ingest_many`; bands do not matter.
        jobs, cluster
            As for `ingest_many`: eclipses at a time, and a Dask cluster.
        failed : path, optional
            List of the eclipses that failed; by default ``failed-catalogues.csv`` in the archive.
        watch : CatalogueWatch, optional
            Told how it goes on.
        **options
            Fields of `CatalogueOptions`.

        Returns
        -------
        ManyCatalogues
            What was made, was there, and failed.

        Raises
        ------
        GPhotonError
            If it is not clear what is asked for, an option is not valid, or the archive cannot be
            read or written.  That there can be no catalogue of an eclipse is no error.
        KeyboardInterrupt
            At Ctrl-C: what was finished by then is in the archive, and the same call goes on.
        """
        from gphoton_db.pipeline.catalogue_many import catalogue_many

        return catalogue_many(
            self._writer(None),
            eclipses,
            CatalogueOptions(**options),
            jobs=jobs,
            cluster=cluster,
            failed=failed,
            watch=watch,
        )

    def write_catalogue(
        self, entries: "pa.Table", path: str | Path, format: str | None = None
    ) -> Path:
        """Write catalogue entries to a file, and enter it into the archive's products.

        Parameters
        ----------
        entries : pyarrow.Table
            As `catalogue` returns them, or a query of the view does (``query(...).arrow()``).
        path : str or Path
            The file, which is replaced.
        format : str, optional
            ``parquet``, ``fits``, ``votable``, ``csv`` or ``ecsv``; by default by the ending.  In
            CSV lists are columns of their own: ``nuv_aper_cps_1``, ...

        Raises
        ------
        ProductError
            If there is no such format, or the file cannot be written; nothing is left then.
        """
        from gphoton_db.products.catalogue.write import write_catalogue

        return write_catalogue(self._product_reader(), entries, path, format)

    @takes(QaOptions, QaChoices)
    def qa(
        self,
        candidates: Any,
        path: str | Path,
        *,
        on_progress: Progress = no_progress,
        **options: Unpack[QaChoices],
    ) -> Path:
        """Write a sheet for candidates to be judged by eye: one HTML file that needs no server.

        Parameters
        ----------
        candidates : pyarrow.Table, Table, DataFrame, str or Path
            Rows with ``ra``, ``dec`` and, if known, ``source_id``, ``eclipse``, ``leg`` and
            ``band``; other columns are shown, and sort the sheet.
        path : str or Path
            The file, which is replaced.
        **options
            Fields of `QaOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in visits.

        Raises
        ------
        ProductError
            If no candidate can be shown, or the file cannot be written; nothing is left then.
        """
        from gphoton_db.products.qa.make import make_sheet

        return make_sheet(self._product_reader(on_progress), candidates, path, QaOptions(**options))

    def read_verdicts(self, path: str | Path) -> "ReadVerdicts":
        """Read the verdicts that a sheet exported, for the view ``verdicts``.

        Parameters
        ----------
        path : str or Path
            The CSV file that the sheet exported.

        Returns
        -------
        ReadVerdicts
            What was read.

        Raises
        ------
        ProductError
            If the file cannot be read, or is none of a sheet; nothing is changed then.
        """
        from gphoton_db.products.qa.verdicts import read_verdicts

        return read_verdicts(self._product_reader(), path)

    @takes(VariableOptions, VariableChoices)
    def variables(
        self,
        eclipses: int | Sequence[int] | None = None,
        *,
        bands: Bands = None,
        jobs: int = 1,
        cluster: "Cluster | None" = None,
        again: bool = False,
        on_progress: Progress = no_progress,
        **options: Unpack[VariableChoices],
    ) -> "pa.Table":
        """Measure how the sources of eclipses vary, from their photons, into the archive.

        Eclipses that were measured in the same way before, at the same positions, are passed over.

        Parameters
        ----------
        eclipses : int or sequence of int, optional
            Eclipse numbers; None: all that have catalogue entries.
        bands : Band, str, or several of them, optional
            Which bands; both by default, each of which says what it saw in the bursts of the other.
        jobs : int
            Eclipses at a time, each in a process of its own where there are several.
        cluster : optional
            A Dask cluster that does it, as for `ingest_many`.
        again : bool
            Measure also what was measured in the same way before.
        **options
            Fields of `VariableOptions`.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in legs or eclipses.

        Returns
        -------
        pyarrow.Table
            A row for each source, band and leg, with the columns of the view ``variables``, which
            has them too, in the place of earlier ones of these legs, bands and sources.  Metadata
            ``measured_before`` of its schema names the eclipses whose rows are earlier ones.

        Raises
        ------
        ProductError
            If an eclipse is not there, has neither catalogue entries nor a list of positions, or an
            option is not valid.  With several jobs: in the end, after the other eclipses.
        """
        from gphoton_db.pipeline.variables import variables

        chosen = VariableOptions(**options)
        return variables(
            partial(self._product_reader, on_progress),
            eclipses,
            parse_bands(bands),
            chosen,
            jobs=jobs,
            cluster=cluster,
            again=again,
            writer=partial(self._writer, None),
        )

    def write_variables(
        self, table: "pa.Table", path: str | Path, format: str | None = None
    ) -> Path:
        """Write rows of the view ``variables`` to a file, and enter it into the products.

        Parameters
        ----------
        table : pyarrow.Table
            As `variables` returns it, or a query of the view does (``query(...).arrow()``).
        path, format
            As for `write_catalogue`.  Reasons and warnings are words with spaces between them in
            all formats but Parquet.

        Raises
        ------
        ProductError
            If there is no such format, or the file cannot be written; nothing is left then.
        """
        from gphoton_db.products.catalogue.write import write_catalogue

        return write_catalogue(self._product_reader(), table, path, format, "variables")

    # ---- calibration ----------------------------------------------------------------------------
    # The set ``default`` is the folder ``calibration``; other sets are folders of their names in
    # it.  Ingests take the default set, or the one that `calibration` names.

    def calibration_sets(self) -> "dict[str, CheckedSet]":
        """Return the calibration sets by name, with their files and their names in ``legs``.

        Hashes are compared with those recorded when the files came; arrays and tables are not
        read.

        Raises
        ------
        CalibrationError
            If a folder cannot be read.
        """
        from gphoton_db.calibration.verify import check_sets

        check_folder(self.paths)
        return check_sets(self.paths.calibration)

    def verify_calibration(
        self,
        name: str | Path = DEFAULT_SET,
        *,
        hashes: str | Path | None = None,
        on_progress: Progress = no_progress,
    ) -> "CheckedSet":
        """Check every file of a set: its form, its record, and a list of hashes.

        Parameters
        ----------
        name : str or Path
            Name of a set, or a folder.
        hashes : str or Path, optional
            A list as ``sha256sum`` or ``git ls-tree -r`` writes it.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in files.

        Returns
        -------
        CheckedSet
            ``wrong`` are files with a wrong form or hash, ``missing`` are files that are not there.

        Raises
        ------
        CalibrationError
            If there is no such set, or the list cannot be read.
        """
        from gphoton_db.calibration.verify import verify_set

        if not Path(name).expanduser().is_dir():
            check_folder(self.paths)
        root = self.paths.calibration
        return verify_set(root, name, hashes=hashes, on_progress=on_progress)

    def import_calibration(
        self,
        directory: str | Path,
        name: str = DEFAULT_SET,
        *,
        hashes: str | Path | None = None,
        force: bool = False,
        on_progress: Progress = no_progress,
    ) -> "CalibrationImport":
        """Copy the calibration files of a folder into a set, and record their hashes.

        All files are checked before the first is copied; each gets its name when it is complete.

        Parameters
        ----------
        directory : str or Path
            Folder with any of the files; others in it are ignored.  For the set's own folder
            only the hashes are recorded.
        name : str
            Name of the set; it is made if there is none.
        hashes : str or Path, optional
            A list as ``sha256sum`` or ``git ls-tree -r`` writes it, which they must agree with.
        force : bool
            Replace files of the set that differ.
        on_progress : callable, optional
            Called with ``(stage, done, total)``, in files.

        Raises
        ------
        CalibrationError
            If a file has a wrong form or hash, or differs from the set's; the set is then
            unchanged.
        """
        from gphoton_db.calibration.importing import import_named_set

        paths = self._to_be_written().paths
        return import_named_set(
            paths.calibration,
            directory,
            name,
            hashes=hashes,
            replace=force,
            on_progress=on_progress,
        )

    def fetch_calibration(
        self,
        name: str = DEFAULT_SET,
        *,
        bands: Bands = None,
        service: "ServiceOptions | None" = None,
        on_download: Progress = no_progress,
    ) -> list[str]:
        """Fetch the calibration files that a set lacks, and record their hashes.

        Parameters
        ----------
        name : str
            Name of the set; it is made if there is none.
        bands : optional
            NUV, FUV or both; None is both.
        service : ServiceOptions, optional
            Addresses and limits of the mission archive; by default from settings and environment.
        on_download : callable, optional
            Called with ``(file name, bytes done, bytes in all)``.

        Returns
        -------
        list of str
            Names of the files that were fetched.

        Raises
        ------
        OfflineError
            If files are missing and the network must not be used.
        ServiceError
            If a file cannot be fetched; files that came before stay.
        """
        from gphoton_db.intake.calibration import fetch_set

        allowed = service or _service()
        return fetch_set(self._to_be_written().paths, name, bands, allowed, on_download=on_download)


def _service() -> "ServiceOptions":
    """Return the options of the mission archive from settings and environment."""
    from gphoton_db.settings import load_settings

    return load_settings().service()
