"""Ingesting many eclipses as one method of an archive."""

from abc import ABC
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from time import monotonic

from gphoton_db.catalogue import Catalogue
from gphoton_db.cores import usable_cores
from gphoton_db.errors import TelemetryError
from gphoton_db.ingest.eclipse import ReductionOptions
from gphoton_db.many.eclipse_list import EclipseBand, eclipse_bands, read_eclipses
from gphoton_db.many.failed_list import read_failed, write_failed
from gphoton_db.many.fetch_ahead import Obtain
from gphoton_db.many.report import ManyReport, Watch
from gphoton_db.many.run import Run, RunOptions
from gphoton_db.mission import Band
from gphoton_db.obtain import GivenInputs, IngestSources, obtain
from gphoton_db.paths import ArchivePaths

Eclipses = str | Path | Iterable[int | tuple[int, str | Band]]
Bands = str | Band | Iterable[str | Band]


class ArchiveMany(ABC):
    """What an `Archive` does with many eclipses at once."""

    paths: ArchivePaths
    _catalogue: Catalogue

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
        pointing, calibration, force, full_precision, override_limits, clamp_separation
            As for `Archive.ingest`.
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
            If the archive cannot be read or written.
        KeyboardInterrupt
            At Ctrl-C: what was reduced by then is in the archive, and the same call goes on.
        """
        wanted = _wanted(eclipses, bands)
        listed = Path(failed).expanduser() if failed else self.paths.failed
        read_failed(listed)  # refused now, not in the end
        watch, started = watch or Watch(), monotonic()
        jobs = min(jobs or default_jobs(), len(wanted))
        threads = threads or max(usable_cores() // jobs, 1)
        options = RunOptions(
            jobs,
            ReductionOptions(full_precision, clamp_separation, threads),
            force,
            override_limits,
        )
        given = GivenInputs(None, _path(pointing), _path(calibration))
        run = Run(self._catalogue, find or self._finder(given, _path(raw6), watch), options, watch)
        try:
            run.go(wanted)
        finally:
            write_failed(listed, run.failures, attempted=run.attempted)
        seconds = monotonic() - started
        return ManyReport(tuple(run.ingested), tuple(run.skipped), tuple(run.failures), seconds)

    def _finder(self, given: GivenInputs, folder: Path | None, watch: Watch) -> Obtain:
        def find(eclipse: int, band: Band) -> IngestSources:
            raw6 = _raw6_in(folder, eclipse, band) if folder else None
            return obtain(self.paths, eclipse, band, replace(given, raw6=raw6))

        return find


def default_jobs() -> int:
    """Return how many reductions there are at a time where nothing else is said."""
    return max(usable_cores() // 2, 1)


def _wanted(eclipses: Eclipses, bands: Bands) -> tuple[EclipseBand, ...]:
    chosen = [Band.parse(band) for band in ([bands] if isinstance(bands, str) else bands)]
    if isinstance(eclipses, str | Path):
        return read_eclipses(eclipses, chosen)
    return eclipse_bands(eclipses, chosen)


def _path(path: str | Path | None) -> Path | None:
    return Path(path).expanduser() if path else None


def _raw6_in(folder: Path, eclipse: int, band: Band) -> Path:
    name = f"e{eclipse:05d}-{band.letter}d-raw6.fits"
    for path in (folder / f"{name}.gz", folder / name):
        if path.exists():
            return path
    raise TelemetryError(f"{folder}: holds no {name}[.gz]")
