"""Many eclipses, ingested several at a time; the list of what failed is brought up to date."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

from gphoton_db.errors import CalibrationError, PointingError, TelemetryError
from gphoton_db.intake.inputs import GivenInputs, IngestSources, obtain
from gphoton_db.intake.many.choose import Cluster, executor_for
from gphoton_db.intake.many.eclipse_list import EclipseBand, eclipse_bands, read_eclipses
from gphoton_db.intake.many.executor import Executor
from gphoton_db.intake.many.failed_list import check_writable, read_failed, write_failed
from gphoton_db.intake.many.fetch_ahead import Obtain
from gphoton_db.intake.many.options import Following, ManyOptions
from gphoton_db.intake.many.report import ManyReport, Watch
from gphoton_db.intake.many.run import Run
from gphoton_db.intake.options import Eclipses, IngestOptions
from gphoton_db.intake.writer import ArchiveWriter
from gphoton_db.mission import Band, Bands
from gphoton_db.paths import raw6_name
from gphoton_db.remote.address import is_address


def ingest_many(
    writer: ArchiveWriter,
    eclipses: Eclipses,
    bands: Bands,
    options: IngestOptions,
    *,
    jobs: int | None = None,
    cluster: Cluster | None = None,
    failed: str | Path | None = None,
    watch: Watch | None = None,
    find: Obtain | None = None,
) -> ManyReport:
    """Ingest many eclipses; see `Archive.ingest_many`.

    Raises
    ------
    EclipseListError
        If it is not clear what is asked for, or `failed` is another kind of file.
    GPhotonError
        If a given path does not exist, the archive cannot be read or written, or the
        mission archive, or the cluster, gives no answer.
    KeyboardInterrupt
        At Ctrl-C: what was reduced by then is in the archive, and the same call goes on.
    """
    started = monotonic()
    listed = failed or writer.paths.failed
    run = carry_out(
        writer,
        eclipses,
        bands,
        options,
        listed,
        jobs=jobs,
        cluster=cluster,
        watch=watch or Watch(),
        find=find,
    )
    seconds = monotonic() - started
    return ManyReport(tuple(run.ingested), tuple(run.skipped), tuple(run.failures), seconds)


def carry_out(
    writer: ArchiveWriter,
    eclipses: Eclipses,
    bands: Bands,
    options: IngestOptions,
    failed: str | Path,
    *,
    jobs: int | None,
    cluster: Cluster | None,
    watch: Watch,
    find: Obtain | None = None,
    then: Following | None = None,
    ingests: bool = True,
) -> Run:
    """Carry out a run over many eclipses, bring the list of failures up to date, and return it.

    Parameters
    ----------
    writer, eclipses, bands, options, jobs, cluster, watch, find
        As for `ingest_many`.
    failed : path
        The list of failures.
    then : Following, optional
        What is made of each band once it is in the archive.
    ingests : bool
        Whether bands that are not in the archive are ingested.

    Raises
    ------
    GPhotonError, KeyboardInterrupt
        As `ingest_many`.
    """
    wanted = _wanted(eclipses, bands)
    listed = Path(failed).expanduser()
    read_failed(listed)  # refused now, not in the end
    if listed.parent != writer.paths.root:
        check_writable(listed)
    executor: Executor[EclipseBand] = executor_for(
        cluster, jobs=jobs, threads=options.threads, n_jobs=len(wanted)
    )
    find = find or _finder(writer, options, watch)
    run = Run(writer.catalogue, find, ManyOptions(options, ingests), executor, watch, then)
    try:
        run.go(wanted)
    finally:
        write_failed(listed, run.failures, attempted=run.attempted)
    return run


def _wanted(eclipses: Eclipses, bands: Bands) -> tuple[EclipseBand, ...]:
    chosen = [Band.parse(band) for band in ([bands] if isinstance(bands, str) else bands or ())]
    if isinstance(eclipses, str | Path):
        return read_eclipses(eclipses, chosen)
    return eclipse_bands(eclipses, chosen)


def _finder(writer: ArchiveWriter, options: IngestOptions, watch: Watch) -> Obtain:
    """Return what finds the inputs of each band; telemetry in the folder that is given, if any."""
    given = writer.given(options)
    _check_given(given)
    return partial(_find, writer, given, watch)


def _find(
    writer: ArchiveWriter, given: GivenInputs, watch: Watch, eclipse: int, band: Band
) -> IngestSources:
    """Find, or fetch, what a band of an eclipse needs; `given` names the folder of telemetry."""
    raw6 = _raw6_in(given.raw6, eclipse, band) if given.raw6 else None
    tell = partial(watch.fetching, EclipseBand(eclipse, band))
    own = replace(given, raw6=raw6)
    return obtain(writer.paths, eclipse, band, own, writer.service, on_download=tell)


def _check_given(given: GivenInputs) -> None:
    """Refuse what would keep every single eclipse from being ingested."""
    folder = given.raw6
    if folder is not None and not is_address(folder) and not folder.is_dir():
        raise TelemetryError(
            f"{folder}: there is no such folder; with many eclipses, raw6 is the folder that "
            "holds their telemetry files"
        )
    if given.pointing is not None and not given.pointing.exists():
        raise PointingError(f"{given.pointing}: there is no such file or directory (pointing)")
    folder = given.calibration
    if folder is not None and not is_address(folder) and not folder.is_dir():
        raise CalibrationError(f"{folder}: there is no such directory (calibration)")


def _raw6_in(folder: Path, eclipse: int, band: Band) -> Path:
    if is_address(folder):
        return folder  # its file is fetched where it is obtained
    name = raw6_name(eclipse, band)
    for path in (folder / name, folder / name.removesuffix(".gz")):
        if path.exists():
            return path
    raise TelemetryError(f"{folder}: holds neither {name} nor that file uncompressed")
