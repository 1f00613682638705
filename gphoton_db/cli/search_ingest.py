"""``gphoton-db search --ingest``: what was found is ingested."""

from typing import TYPE_CHECKING

import typer

from gphoton_db.cli.console import notes
from gphoton_db.cli.ingest import print_report
from gphoton_db.cli.progress import StageProgress
from gphoton_db.errors import GPhotonError
from gphoton_db.mission import Band
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from astropy.table import Table

    from gphoton_db.archive import Archive
    from gphoton_db.ingestion import IngestReport

SOME_FAILED = 3
"""Exit code when some were ingested, and others could not be."""


def ingest_found(
    archive: "Archive", settings: Settings, found: "Table", *, offline: bool, quiet: bool
) -> None:
    """Ingest what a search found and the archive does not have, one band after the other.

    One that fails does not keep the others from being ingested; the failures are said in the end.

    Raises
    ------
    typer.Exit
        With 1 if all have failed, `SOME_FAILED` if some have.
    """
    from gphoton_db.products.search import to_ingest

    wanted = to_ingest(found)
    failures = []
    for eclipse, band in wanted:
        try:
            report = _ingest(archive, settings, eclipse, band, offline=offline)
        except GPhotonError as error:
            failures.append(f"e{eclipse:05d} {band}: {error}")
            continue
        if not quiet:
            print_report(report, archive.paths.root)
    for failure in failures:
        notes.print(f"failed: {failure}", markup=False, style="red")
    if wanted:
        notes.print(f"{len(wanted) - len(failures)} of {len(wanted)} bands ingested", markup=False)
    if failures:
        raise typer.Exit(SOME_FAILED if len(failures) < len(wanted) else 1)


def _ingest(
    archive: "Archive", settings: Settings, eclipse: int, band: Band, *, offline: bool
) -> "IngestReport":
    with StageProgress(f"e{eclipse:05d} {band}") as shown:
        return archive.ingest(
            eclipse,
            band,
            pointing=settings.pointing,
            calibration=settings.calibration,
            service=settings.service(offline=offline),
            on_progress=shown,
            on_download=shown.download,
        )
