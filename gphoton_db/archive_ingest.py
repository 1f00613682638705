"""The methods of an archive that add photons to it: of one eclipse, and of many."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

from gphoton_db.calibration.sets import chosen_folder
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import CalibrationError, PointingError, TelemetryError
from gphoton_db.ingest.eclipse import ReductionOptions
from gphoton_db.ingest.mast.options import ServiceOptions
from gphoton_db.intake.ingest_band import IngestReport, ingest_band
from gphoton_db.intake.inputs import GivenInputs, IngestSources, obtain
from gphoton_db.intake.many.eclipse_list import EclipseBand, eclipse_bands, read_eclipses
from gphoton_db.intake.many.failed_list import read_failed, write_failed
from gphoton_db.intake.many.fetch_ahead import Obtain
from gphoton_db.intake.many.report import ManyReport, Watch
from gphoton_db.intake.many.run import Run, RunOptions
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths, raw6_name
from gphoton_db.progress import Progress, no_progress
from gphoton_db.settings import load_settings
from gphoton_db.system.cores import usable_cores

Eclipses = str | Path | Iterable[int | tuple[int, str | Band]]
Bands = str | Band | Iterable[str | Band]


class ArchiveIngest(ABC):
    """What an `Archive` does to get its photons."""

    paths: ArchivePaths
    _catalogue: Catalogue

    @abstractmethod
    def legs(self, eclipse: int | None = None) -> list[LegRecord]:
        """Return the legs of the archive, or of one eclipse."""

    def ingest(
        self,
        eclipse: int,
        band: str | Band,
        *,
        raw6: str | Path | None = None,
        pointing: str | Path | None = None,
        calibration: str | Path | None = None,
        force: bool = False,
        full_precision: bool = False,
        override_limits: bool = False,
        clamp_separation: bool = False,
        threads: int | None = None,
        service: ServiceOptions | None = None,
        on_progress: Progress = no_progress,
        on_download: Progress = no_progress,
    ) -> IngestReport:
        """Reduce the telemetry of one band of an eclipse and add its photons.

        What is neither given nor in the archive's folders is fetched into them from the mission
        archive.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        raw6 : path, optional
            Telemetry, plain or gzipped; by default ``raw6/e<eclipse>-<n|f>d-raw6.fits[.gz]``
            in the archive.
        pointing : path, optional
            A pointing file or a directory with any of its forms; by default ``pointing`` in the
            archive.
        calibration : path, optional
            Directory of calibration files, or the name of a set of the archive; by default
            ``calibration`` in the archive.
        force : bool
            Replace what is there of this band of the eclipse; otherwise it is skipped.
        full_precision : bool
            Store positions, pixels and responses to the last bit.
        override_limits : bool
            Reduce eclipses 37424-38149 and beyond 47000 too.
        clamp_separation : bool
            Take the distortion cube's nearest layer where the stim separation leaves it.
        threads : int, optional
            Worker threads; by default one for each core that the process may use.
        service : ServiceOptions, optional
            Where to fetch from, and whether to; by default what settings and environment say.
        on_progress : callable, optional
            Told ``(stage, done, total)``.
        on_download : callable, optional
            Told ``(file name, bytes done, bytes in all)``.

        Returns
        -------
        IngestReport
            What was done; ``outcome`` is ``ingested``, ``replaced`` or ``skipped``.

        Raises
        ------
        GPhotonError
            If an input cannot be used, or the archive cannot be written.  The archive is then as
            it was.
        """
        band = Band.parse(band)
        if not force and self._catalogue.has_legs(eclipse, band):
            return self._skipped(eclipse, band)
        given = GivenInputs(_path(raw6), _path(pointing), self._calibration_of(calibration))
        allowed = service or load_settings().service()
        find_sources = partial(
            obtain, self.paths, eclipse, band, given, allowed, on_download=on_download
        )
        done = ingest_band(
            self._catalogue,
            eclipse,
            band,
            find_sources,
            ReductionOptions(full_precision, clamp_separation, threads or usable_cores()),
            force=force,
            override_limits=override_limits,
            on_progress=on_progress,
        )
        # Another process may have been faster.
        return done or self._skipped(eclipse, band)

    def ingest_many(
        self,
        eclipses: Eclipses,
        bands: Bands = (),
        *,
        jobs: int | None = None,
        raw6: str | Path | None = None,
        pointing: str | Path | None = None,
        calibration: str | Path | None = None,
        force: bool = False,
        full_precision: bool = False,
        override_limits: bool = False,
        clamp_separation: bool = False,
        threads: int | None = None,
        service: ServiceOptions | None = None,
        failed: str | Path | None = None,
        watch: Watch | None = None,
        find: Obtain | None = None,
    ) -> ManyReport:
        """Ingest many eclipses, several at a time; what is in the archive already is skipped.

        Parameters
        ----------
        eclipses : str, path or iterable
            ``"23400-23500,23600"``, a file (`many.eclipse_list.read_eclipses`), numbers, or pairs
            of a number and a band.
        bands : str, Band or several of them
            Taken where `eclipses` names none.
        jobs : int, optional
            Reductions at a time, each in a process of its own; by default `default_jobs`.
        raw6 : path, optional
            Folder of raw6 files; by default ``raw6`` in the archive.
        pointing, calibration, force, full_precision, override_limits, clamp_separation, service
            As for `ingest`.
        threads : int, optional
            Of each reduction; by default its share of the cores.
        failed : path, optional
            The list of what failed, which `eclipses` can be next time; it is brought up to date,
            and removed when nothing is left in it.  By default ``failed-eclipses.csv`` in the
            archive.
        watch : Watch, optional
            Told how it goes on.
        find : callable, optional
            Finds what a band needs, in place of the options above; asked by several threads.

        Returns
        -------
        ManyReport
            What came of it.  A band that cannot be ingested is listed there, and no error.

        Raises
        ------
        EclipseListError
            If it is not clear what is asked for, or `failed` is another kind of file.
        GPhotonError
            If a path that is given leads nowhere, the archive cannot be read or written, or the
            mission archive gives no answer.
        KeyboardInterrupt
            At Ctrl-C: what was reduced by then is in the archive, and the same call goes on.
        """
        wanted = _wanted(eclipses, bands)
        listed = Path(failed).expanduser() if failed else self.paths.failed
        read_failed(listed)  # refused now, not in the end
        watch, started = watch or Watch(), monotonic()
        jobs = min(jobs or default_jobs(), len(wanted))
        threads = threads or max(usable_cores() // jobs, 1)
        reduction = ReductionOptions(full_precision, clamp_separation, threads)
        options = RunOptions(jobs, reduction, force, override_limits)
        given = GivenInputs(None, _path(pointing), self._calibration_of(calibration))
        find = find or self._finder(given, _path(raw6), service, watch)
        run = Run(self._catalogue, find, options, watch)
        try:
            run.go(wanted)
        finally:
            write_failed(listed, run.failures, attempted=run.attempted)
        seconds = monotonic() - started
        return ManyReport(tuple(run.ingested), tuple(run.skipped), tuple(run.failures), seconds)

    def _finder(
        self, given: GivenInputs, folder: Path | None, service: ServiceOptions | None, watch: Watch
    ) -> Obtain:
        """Return what finds the inputs of each band; telemetry in `folder`, if given."""
        _check_given(given, folder)
        allowed = service or load_settings().service()
        return partial(_find, self.paths, given, folder, allowed, watch)

    def _calibration_of(self, given: str | Path | None) -> Path | None:
        return chosen_folder(self.paths.calibration, given) if given else None

    def _skipped(self, eclipse: int, band: Band) -> IngestReport:
        legs = tuple(leg for leg in self.legs(eclipse) if leg.band == str(band))
        return IngestReport(eclipse, band, "skipped", legs, None, 0.0)


def default_jobs() -> int:
    """Return how many reductions there are at a time where nothing else is said."""
    return max(usable_cores() // 2, 1)


def _wanted(eclipses: Eclipses, bands: Bands) -> tuple[EclipseBand, ...]:
    chosen = [Band.parse(band) for band in ([bands] if isinstance(bands, str) else bands)]
    if isinstance(eclipses, str | Path):
        return read_eclipses(eclipses, chosen)
    return eclipse_bands(eclipses, chosen)


def _find(
    paths: ArchivePaths,
    given: GivenInputs,
    folder: Path | None,
    service: ServiceOptions,
    watch: Watch,
    eclipse: int,
    band: Band,
) -> IngestSources:
    """Find, or fetch, what a band of an eclipse needs; its telemetry is in `folder`, if given."""
    raw6 = _raw6_in(folder, eclipse, band) if folder else None
    tell = partial(watch.fetching, EclipseBand(eclipse, band))
    return obtain(paths, eclipse, band, replace(given, raw6=raw6), service, on_download=tell)


def _check_given(given: GivenInputs, folder: Path | None) -> None:
    """Refuse what would keep every single eclipse from being ingested."""
    if folder is not None and not folder.is_dir():
        raise TelemetryError(f"{folder}: is no folder: of many eclipses, raw6 is that of the files")
    if given.pointing is not None and not given.pointing.exists():
        raise PointingError(f"{given.pointing}: there is no such file or directory (pointing)")
    if given.calibration is not None and not given.calibration.is_dir():
        raise CalibrationError(f"{given.calibration}: there is no such directory (calibration)")


def _path(path: str | Path | None) -> Path | None:
    return Path(path).expanduser() if path else None


def _raw6_in(folder: Path, eclipse: int, band: Band) -> Path:
    name = raw6_name(eclipse, band)
    for path in (folder / name, folder / name.removesuffix(".gz")):
        if path.exists():
            return path
    raise TelemetryError(f"{folder}: holds neither {name} nor that file uncompressed")
