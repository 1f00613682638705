"""``gphoton-db run``: from telemetry to photometry, of one band of an eclipse or of many."""

from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.cli.image import CompressionOption
from gphoton_db.cli.ingest import (
    CalibrationOption,
    ClampSeparation,
    OverrideLimits,
    PointingOption,
    TelemetryOption,
    Threads,
    typed_bands,
)
from gphoton_db.cli.ingest_report import print_report, report_as_dict
from gphoton_db.cli.many_options import (
    BandsOption,
    ClusterOption,
    EclipsesOption,
    HowMany,
    JobsOption,
    refuse_options_of_many,
)
from gphoton_db.cli.movie import BurstOption
from gphoton_db.cli.offline import Offline
from gphoton_db.cli.products import (
    JsonOption,
    MaskOption,
    parse_band,
    parse_leg,
)
from gphoton_db.cli.progress import WorkProgress
from gphoton_db.cli.run_many import run_many
from gphoton_db.cli.run_report import remarks_on
from gphoton_db.intake.options import LOCAL, IngestOptions, InputChoices
from gphoton_db.mission import Band
from gphoton_db.products.file_names import Compression
from gphoton_db.products.run_options import RunOptions, StopAfter, TableFormat
from gphoton_db.progress import no_progress
from gphoton_db.service import ServiceOptions
from gphoton_db.settings import Settings
from gphoton_db.system.cores import default_jobs, usable_cores
from gphoton_db.system.without_pandas import without_pandas

if TYPE_CHECKING:
    from gphoton_db.pipeline.run import RunReport
    from gphoton_db.products.run_leg import LegReport

DepthOption = Annotated[
    float | None, typer.Option(help="Length of a movie's frames, s (default: no movie).")
]
ApertureOption = Annotated[
    list[float] | None,
    typer.Option(metavar="ARCSEC", help="Radius; may be repeated (default: 12.8)."),
]
CatalogOption = Annotated[
    Path | None, typer.Option(help="File of positions to measure (default: detect sources).")
]
StopOption = Annotated[
    str | None,
    typer.Option(metavar="photons|movies", help="Stop after this step, before photometry."),
]
Recreate = Annotated[
    bool, typer.Option("--recreate", help="Ingest again, and replace the photons.")
]
Coregister = Annotated[
    bool,
    typer.Option("--coregister", help="Use the frame times of the other band, if it is there."),
]
MinExposure = Annotated[float, typer.Option(help="Skip legs with less exposure than this, s.")]
Extended = Annotated[
    bool, typer.Option("--extended", help="Add detector columns to images and photometry.")
]
ExtendedSources = Annotated[
    bool,
    typer.Option(
        "--extended-sources", help="Outline extended sources, and tag the sources inside."
    ),
]
PhotometryOnly = Annotated[
    bool, typer.Option("--photometry-only", help="Ingest nothing, write no image and no movie.")
]
SomeLegs = Annotated[
    str | None, typer.Option(metavar="N|N,N|all", help="Only these legs, from 0 (default: all).")
]
SuffixOption = Annotated[str, typer.Option(help="Suffix of the photometry tables' names.")]
ColumnsOption = Annotated[
    str | None,
    typer.Option(metavar="A,B,...|all", help="Write a photon list with these columns as well."),
]
FormatOption = Annotated[str, typer.Option("--format", help="Photometry tables: csv or parquet.")]
FailedRunsOption = Annotated[
    Path | None,
    typer.Option(
        "--failed",
        help="List of the eclipses that failed, to try again with --eclipses (default: "
        "failed-runs.csv in the archive).",
    ),
]
NoImage = Annotated[bool, typer.Option("--no-image", help="Do not write the image.")]
NoMovie = Annotated[bool, typer.Option("--no-movie", help="Do not write the movie.")]


def run(
    context: typer.Context,
    eclipse: Annotated[int | None, typer.Argument(help="Eclipse number.")] = None,
    band: Annotated[str | None, typer.Argument(metavar="BAND", help="NUV or FUV.")] = None,
    eclipses: EclipsesOption = None,
    bands: BandsOption = None,
    jobs: JobsOption = None,
    cluster: ClusterOption = None,
    failed: FailedRunsOption = None,
    depth: DepthOption = RunOptions.depth,
    threads: Threads = None,
    aperture: ApertureOption = None,
    catalog: CatalogOption = None,
    compression: CompressionOption = RunOptions.compression.value,
    stop_after: StopOption = None,
    recreate: Recreate = False,
    burst: BurstOption = RunOptions.burst,
    coregister: Coregister = RunOptions.coregister,
    min_exposure: MinExposure = RunOptions.min_exposure,
    extended: Extended = RunOptions.extended,
    extended_sources: ExtendedSources = RunOptions.extended_sources,
    photometry_only: PhotometryOnly = RunOptions.photometry_only,
    leg: SomeLegs = None,
    mask: MaskOption = str(RunOptions.mask),
    suffix: SuffixOption = RunOptions.suffix,
    columns: ColumnsOption = None,
    table_format: FormatOption = RunOptions.table_format.value,
    no_image: NoImage = False,
    no_movie: NoMovie = False,
    raw6: TelemetryOption = None,
    pointing: PointingOption = None,
    calibration: CalibrationOption = None,
    override_limits: OverrideLimits = IngestOptions.override_limits,
    clamp_separation: ClampSeparation = IngestOptions.clamp_separation,
    offline: Offline = False,
    as_json: JsonOption = False,
) -> None:
    """Run the whole pipeline on a band of an eclipse, or many: photons to photometry.

    Files go to products/ of the archive, under their usual names. With --eclipses, legs of which
    all files asked for are there, made of the leg as it is now, are passed over, and the exit
    code is 0 if everything is there, 3 if some bands failed, 1 if all failed.
    """
    settings: Settings = context.obj
    cluster = cluster or (settings.cluster if eclipses is not None else None)
    options = RunOptions(
        leg=parse_leg(leg),
        depth=depth,
        radii=tuple(aperture or RunOptions.radii),
        catalog=catalog,
        columns=tuple(name.strip() for name in columns.split(",")) if columns else (),
        stop_after=None if stop_after is None else StopAfter.parse(stop_after),
        photometry_only=photometry_only,
        write_image=not no_image,
        write_movie=not no_movie,
        compression=Compression.parse(compression),
        burst=burst,
        coregister=coregister,
        min_exposure=min_exposure,
        extended=extended,
        extended_sources=extended_sources,
        mask=mask,
        suffix=suffix,
        table_format=TableFormat.parse(table_format),
        threads=threads or _share_of_cores(jobs, cluster, many=eclipses is not None),
    )
    inputs: InputChoices = {
        "raw6": raw6,
        "pointing": pointing or settings.pointing,
        "calibration": calibration or settings.calibration,
        "override_limits": override_limits,
        "clamp_separation": clamp_separation,
    }
    service = settings.service(offline=offline)
    if eclipses is None:
        refuse_options_of_many(
            {"--bands": bands, "--jobs": jobs, "--cluster": cluster, "--failed": failed}
        )
        if eclipse is None or band is None:
            raise typer.BadParameter("give an eclipse and a band, or --eclipses")
        one = parse_band(band)
        _run(settings, eclipse, one, options, inputs, service, recreate=recreate, as_json=as_json)
        return
    if eclipse is not None:
        raise typer.BadParameter("give either one eclipse or --eclipses")
    run_many(
        settings,
        eclipses,
        typed_bands(bands.split(","), "--bands") if bands else [],
        options,
        inputs,
        service,
        HowMany(jobs, cluster, failed, as_json),
        recreate=recreate,
    )


def _share_of_cores(jobs: int | None, cluster: str | None, *, many: bool) -> int:
    """Return how many threads a job has where the user does not say."""
    if cluster not in (None, LOCAL):
        return RunOptions.threads  # of other hosts
    return usable_cores() // (jobs or default_jobs() if many else 1) or 1


@without_pandas()
def _run(
    settings: Settings,
    eclipse: int,
    band: Band,
    options: RunOptions,
    inputs: InputChoices,
    service: ServiceOptions,
    *,
    recreate: bool,
    as_json: bool,
) -> None:
    from gphoton_db.archive import Archive

    name = f"e{eclipse:05d} {band}"
    with Archive(settings.archive) as archive:
        root = archive.paths.root
        print_archive(root)
        with nullcontext() if as_json else WorkProgress(name) as shown:
            report = archive.run(
                eclipse,
                band,
                options,
                recreate=recreate,
                service=service,
                on_ingest=None if as_json else partial(print_report, root=root),
                on_leg=None if as_json else partial(_print_leg, name),
                on_progress=shown or no_progress,
                on_download=shown.download if shown else no_progress,
                **inputs,
            )
        if as_json:
            print_json(_as_dict(report, root))
        else:
            n = len(report.files)
            notes.print(f"{name}: done, {n} file{'s' * (n != 1)} written", style="dim")


def _print_leg(name: str, leg: "LegReport") -> None:
    """Say what was made of a leg, and why not."""
    for remark in remarks_on(name, leg):
        notes.print(remark, markup=False)
    for file in leg.files:
        results.print(str(file), markup=False)


def _as_dict(report: "RunReport", root: Path) -> dict[str, Any]:
    ingest = report_as_dict(report.ingest, root) if report.ingest else None
    return {
        "archive": root,
        "eclipse": report.eclipse,
        "band": str(report.band),
        "ingest": ingest,
        "legs": [asdict(leg) for leg in report.legs],
    }
