"""``gphoton-db ingest``: telemetry to photons in the archive."""

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.cli.progress import StageProgress
from gphoton_db.errors import GPhotonError
from gphoton_db.mission import Band
from gphoton_db.progress import no_progress

TelemetryOption = Annotated[
    Path | None,
    typer.Option("--raw6", help="Telemetry file (default: raw6/ of the archive, else fetched)."),
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
        help="Folder of calibration files (default: settings, else calibration/ of the archive, "
        "where what is missing is fetched)."
    ),
]

Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]
FullPrecision = Annotated[
    bool, typer.Option("--full-precision", help="Round nothing that is stored.")
]
OverrideLimits = Annotated[
    bool,
    typer.Option("--override-limits", help="Reduce eclipses 37424-38149 and beyond 47000 too."),
]
ClampSeparation = Annotated[
    bool,
    typer.Option(
        "--clamp-separation",
        help="Where the stim separation leaves the distortion cube, take its nearest layer.",
    ),
]
Offline = Annotated[
    bool,
    typer.Option("--offline", help="Never use the network; say what is missing, and where."),
]
Threads = Annotated[int | None, typer.Option(min=1, help="Worker threads (default: all cores).")]


_CHOICES = ("raw6", "force", "full_precision", "override_limits", "clamp_separation", "threads")
"""Options that `Archive.ingest` has under the same names."""


def ingest(
    context: typer.Context,
    eclipse: Annotated[int, typer.Argument(help="Eclipse number.")],
    bands: Annotated[list[str], typer.Argument(metavar="BAND...", help="NUV, FUV or both.")],
    raw6: TelemetryOption = None,
    pointing: PointingOption = None,
    calibration: CalibrationOption = None,
    force: Force = False,
    full_precision: FullPrecision = False,
    override_limits: OverrideLimits = False,
    clamp_separation: ClampSeparation = False,
    threads: Threads = None,
    offline: Offline = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON.")] = False,
) -> None:
    """Reduce the telemetry of an eclipse and add its photons to the archive.

    What is neither named nor in the archive's folders is fetched from the mission archive.
    """
    from gphoton_db.archive import Archive

    typed, settings = dict(locals()), context.obj
    inputs: dict[str, Any] = {name: typed[name] for name in _CHOICES}
    inputs["pointing"] = pointing or settings.pointing
    inputs["calibration"] = calibration or settings.calibration
    inputs["service"] = settings.service(offline=offline)
    chosen, reports = _bands(bands, raw6), []
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        for band in chosen:
            with nullcontext() if as_json else StageProgress(f"e{eclipse:05d} {band}") as shown:
                report = archive.ingest(
                    eclipse,
                    band,
                    on_progress=shown or no_progress,
                    on_download=shown.download if shown else no_progress,
                    **inputs,
                )
            reports.append(report_as_dict(report, archive.paths.root))
            if not as_json:
                print_report(report, archive.paths.root)
        if as_json:
            print_json({"archive": archive.paths.root, "ingests": reports})


def parse_bands(names: list[str]) -> list[Band]:
    """Return the bands that were typed, each once."""
    try:
        return list(dict.fromkeys(Band.parse(name) for name in names))
    except GPhotonError as error:
        raise typer.BadParameter(str(error), param_hint="BAND") from None


def _bands(names: list[str], raw6: Path | None) -> list[Band]:
    bands = parse_bands(names)
    if raw6 is not None and len(bands) > 1:
        raise typer.BadParameter(
            "a raw6 file holds one band: ingest the bands one after the other", param_hint="--raw6"
        )
    return bands


def report_as_dict(report: Any, root: Path) -> dict[str, Any]:
    """Return what an ingest did, for machines."""
    return {
        "eclipse": report.eclipse,
        "band": str(report.band),
        "outcome": report.outcome,
        "n_events": report.n_events,
        "n_photons": report.n_photons,
        "n_unflagged": report.n_unflagged,
        "seconds": report.seconds,
        "size_bytes": report.size_bytes,
        "legs": [asdict(leg) for leg in report.legs],
        "files": [str(root / leg.path) for leg in report.legs],
    }


def print_report(report: Any, root: Path) -> None:
    """Print what an ingest did, on one line."""
    name = f"e{report.eclipse:05d} {report.band}"
    folder = root / report.legs[0].path if report.legs else root
    n_legs = len(report.legs)
    if report.outcome == "skipped":
        notes.print(
            f"{name}: skipped, it is in the archive already ({report.n_photons:,} photons in "
            f"{n_legs} leg{'s' * (n_legs != 1)}); --force replaces it",
            markup=False,
        )
        return
    rate = (report.n_events or 0) / report.seconds
    results.print(
        f"{name}: {report.outcome}: {report.n_photons:,} photons, {report.n_unflagged:,} "
        f"unflagged, {n_legs} leg{'s' * (n_legs != 1)}, {report.seconds:.1f} s, "
        f"{rate:,.0f} events/s, {report.size_bytes / max(report.n_photons, 1):.1f} bytes/photon, "
        f"{folder if n_legs == 1 else folder.parent}",
        markup=False,
    )
