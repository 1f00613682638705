"""The report of an ingest, as text and as JSON."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gphoton_db.cli.console import counted, notes, results

if TYPE_CHECKING:
    from gphoton_db.intake.ingest_band import IngestReport


def report_as_dict(report: "IngestReport", root: Path) -> dict[str, Any]:
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


def print_report(report: "IngestReport", root: Path) -> None:
    """Print what an ingest did, on one line."""
    console = notes if report.outcome == "skipped" else results
    console.print(report_line(report, root), markup=False)


def report_line(report: "IngestReport", root: Path) -> str:
    """Return what an ingest did, on one line."""
    name = f"e{report.eclipse:05d} {report.band}"
    folder = root / report.legs[0].path if report.legs else root
    n_legs = len(report.legs)
    if report.outcome == "skipped":
        return (
            f"{name}: skipped, it is in the archive already "
            f"({counted(report.n_photons, 'photon')} in {counted(n_legs, 'leg')}); --force "
            "replaces it"
        )
    rate = (report.n_events or 0) / report.seconds
    return (
        f"{name}: {report.outcome}: {counted(report.n_photons, 'photon')}, "
        f"{report.n_unflagged:,} unflagged, {counted(n_legs, 'leg')}, {report.seconds:.1f} s, "
        f"{rate:,.0f} events/s, {report.size_bytes / max(report.n_photons, 1):.1f} bytes/photon, "
        f"{folder if n_legs == 1 else folder.parent}"
    )
