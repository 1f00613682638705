"""The display for a run over many eclipses: that of their ingests, and the products of each leg."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from gphoton_db.cli.console import notes, results
from gphoton_db.cli.many_display import ManyDisplay
from gphoton_db.cli.run_report import remarks_on
from gphoton_db.intake.ingest_band import IngestReport
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.pipeline.run_many import MadeLeg, RunWatch


class RunDisplay(ManyDisplay, RunWatch):
    """Shows how a run goes on, and prints a line for each band that is ingested, and each file.

    Parameters
    ----------
    root : Path
        The archive's folder.
    quiet : bool
        Show and print nothing.
    """

    ingest_share = 0.5
    command = "run"

    def __init__(self, root: Path, *, quiet: bool) -> None:
        super().__init__(root, quiet=quiet)
        self._legs: list[MadeLeg] = []
        self._ingested: set[EclipseBand] = set()

    @property
    def counts(self) -> dict[str, int]:
        """The number of bands, by what came of them."""
        return {
            "ingested": len(self.reports),
            "done": len(self.finished),
            "skipped, made already": len(self.there),
        }

    def as_dict(self, root: Path) -> dict[str, Any]:
        """Return what came of the bands, for machines."""
        legs = [
            {"eclipse": leg.eclipse, "band": str(leg.band), **asdict(leg.report)}
            for leg in self._legs
        ]
        return {**super().as_dict(root), "legs": legs}

    def ingested(self, what: EclipseBand, report: IngestReport) -> None:
        """Print a line about it."""
        self._ingested.add(what)
        super().ingested(what, report)

    def making(self, what: EclipseBand, stage: str, done: int, total: int) -> None:
        """Show how far its products are."""
        start = self.ingest_share if what in self._ingested else 0.0
        self._advance(what, stage, start + (1 - start) * done / max(total, 1))

    def made(self, leg: MadeLeg) -> None:
        """Print a line about what there is to be known, and the files."""
        self._legs.append(leg)
        name = f"e{leg.eclipse:05d} {leg.band}"
        for remark in remarks_on(name, leg.report):
            self._print(notes, remark)
        for file in leg.report.files:
            self._print(results, str(file))
