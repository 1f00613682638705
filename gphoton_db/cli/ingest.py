"""``gphoton-db ingest``: telemetry to photons in the archive."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from gphoton_db.cli.console import print_archive, print_json
from gphoton_db.cli.ingest_report import print_report, report_as_dict
from gphoton_db.cli.many_options import (
    BandsOption,
    ClusterOption,
    EclipsesOption,
    FailedOption,
    HowMany,
    JobsOption,
    refuse_options_of_many,
)
from gphoton_db.cli.offline import Offline
from gphoton_db.cli.progress import StageProgress
from gphoton_db.errors import GPhotonError
from gphoton_db.intake.options import IngestChoices, IngestOptions
from gphoton_db.mission import Band, parse_bands
from gphoton_db.progress import no_progress
from gphoton_db.service import ServiceOptions
from gphoton_db.settings import Settings
from gphoton_db.system.without_pandas import without_pandas

TelemetryOption = Annotated[
    Path | None,
    typer.Option(
        "--raw6",
        help="Telemetry file, with --eclipses a folder of them (default: raw6/ of the archive, "
        "else fetched).",
    ),
]
PointingOption = Annotated[
    Path | None,
    typer.Option(
        help="Pointing file, or a folder with any of its forms: asprta, scst, consolidated "
        "tables (default: settings, else pointing/ of the archive, else fetched)."
    ),
]
CalibrationOption = Annotated[
    Path | None,
    typer.Option(
        help="Folder of calibration files, or the name of a set of the archive (default: settings, "
        "else calibration/ of the archive, where what is missing is fetched)."
    ),
]

Force = Annotated[bool, typer.Option("--force", help="Replace what is in the archive already.")]
FullPrecision = Annotated[
    bool, typer.Option("--full-precision", help="Store all values without rounding.")
]
OverrideLimits = Annotated[
    bool,
    typer.Option("--override-limits", help="Reduce eclipses 37424-38149 and beyond 47000 too."),
]
ClampSeparation = Annotated[
    bool,
    typer.Option(
        "--clamp-separation",
        help="Use the nearest layer of the distortion cube for a stim separation outside of it.",
    ),
]
Threads = Annotated[int | None, typer.Option(min=1, help="Worker threads (default: all cores).")]


def ingest(
    context: typer.Context,
    eclipse: Annotated[int | None, typer.Argument(help="Eclipse number.")] = None,
    bands: Annotated[
        list[str] | None, typer.Argument(metavar="BAND...", help="NUV, FUV or both.")
    ] = None,
    eclipses: EclipsesOption = None,
    bands_of_all: BandsOption = None,
    jobs: JobsOption = None,
    cluster: ClusterOption = None,
    failed: FailedOption = None,
    raw6: TelemetryOption = None,
    pointing: PointingOption = None,
    calibration: CalibrationOption = None,
    force: Force = IngestOptions.force,
    full_precision: FullPrecision = IngestOptions.full_precision,
    override_limits: OverrideLimits = IngestOptions.override_limits,
    clamp_separation: ClampSeparation = IngestOptions.clamp_separation,
    threads: Threads = IngestOptions.threads,
    offline: Offline = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Reduce the telemetry of one eclipse, or many, and add the photons to the archive.

    Files that are neither named nor in the archive's folders are fetched from the mission archive.
    With --eclipses the exit code is 0 if all bands asked for are in the archive, 3 if some
    failed, 1 if all failed.
    """
    settings: Settings = context.obj
    choices: IngestChoices = {
        "raw6": raw6,
        "pointing": pointing or settings.pointing,
        "calibration": calibration or settings.calibration,
        "force": force,
        "full_precision": full_precision,
        "override_limits": override_limits,
        "clamp_separation": clamp_separation,
        "threads": threads,
    }
    service = settings.service(offline=offline)
    if eclipses is None:
        given = {"--bands": bands_of_all, "--jobs": jobs, "--cluster": cluster, "--failed": failed}
        refuse_options_of_many(given)
        if eclipse is None or not bands:
            raise typer.BadParameter("give an eclipse and its bands, or --eclipses")
        _ingest_one(settings, eclipse, _bands(bands, raw6), choices, service, as_json=as_json)
        return
    if eclipse is not None:
        raise typer.BadParameter("give either one eclipse or --eclipses")
    from gphoton_db.cli.ingest_many import ingest_many  # with its bars

    of_all = typed_bands(bands_of_all.split(","), "--bands") if bands_of_all else []
    how = HowMany(jobs, cluster or settings.cluster, failed, as_json)
    ingest_many(settings, eclipses, of_all, choices, service, how)


@without_pandas()
def _ingest_one(
    settings: Settings,
    eclipse: int,
    bands: list[Band],
    choices: IngestChoices,
    service: ServiceOptions,
    *,
    as_json: bool,
) -> None:
    from gphoton_db.archive import Archive
    from gphoton_db.system.numba_alone import load_numba_alone

    load_numba_alone()
    reports = []
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        for band in bands:
            with nullcontext() if as_json else StageProgress(f"e{eclipse:05d} {band}") as shown:
                report = archive.ingest(
                    eclipse,
                    band,
                    service=service,
                    on_progress=shown or no_progress,
                    on_download=shown.download if shown else no_progress,
                    **choices,
                )
            reports.append(report_as_dict(report, archive.paths.root))
            if not as_json:
                print_report(report, archive.paths.root)
        if as_json:
            print_json({"archive": archive.paths.root, "ingests": reports})


def typed_bands(names: list[str], typed_as: str = "BAND") -> list[Band]:
    """Return the bands that were typed, each once; messages name what they were typed as."""
    try:
        return list(parse_bands(names)) if names else []
    except GPhotonError as error:
        raise typer.BadParameter(str(error), param_hint=typed_as) from None


def _bands(names: list[str], raw6: Path | None) -> list[Band]:
    bands = typed_bands(names)
    if raw6 is not None and len(bands) > 1:
        raise typer.BadParameter(
            "a raw6 file holds one band: ingest the bands one after the other", param_hint="--raw6"
        )
    return bands
