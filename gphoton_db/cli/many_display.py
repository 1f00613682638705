"""One display for many eclipses: a bar for all of them, and a line for whatever is going on."""

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.progress import TaskID

from gphoton_db.cli.bars import bars
from gphoton_db.cli.console import Output, notes, results
from gphoton_db.cli.ingest_report import report_as_dict, report_line
from gphoton_db.cli.progress import WEIGHTS
from gphoton_db.intake.ingest_band import IngestReport
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.failed_list import Failure
from gphoton_db.intake.many.report import Watch
from gphoton_db.progress import COMPILING


class ManyDisplay(Watch):
    """Shows how a run goes on, where there is a terminal, and prints a line for each band.

    What it was told stays in ``reports``, ``there``, ``finished`` and ``failures``.

    Parameters
    ----------
    root : Path
        The archive's folder.
    quiet : bool
        Show and print nothing.
    """

    ingest_share = 1.0
    """How much of what is done with a band its ingest is."""

    command = "ingest"
    """What takes the list of failures."""

    def __init__(self, root: Path, *, quiet: bool) -> None:
        self.todo = 0
        self.reports: list[IngestReport] = []
        self.there: list[EclipseBand] = []
        self.finished: list[EclipseBand] = []
        self.failures: list[Failure] = []
        self._done = 0
        self._root = root
        self._quiet = quiet
        # A visit may take a minute.
        self._progress = bars(notes, quiet=quiet, speed_estimate_period=600)
        self._all: TaskID | None = None
        self._lines: dict[str, TaskID] = {}
        self._under_way: dict[EclipseBand, float] = {}

    @property
    def not_reached(self) -> int:
        """How many bands nothing is known of yet."""
        return self.todo - self._done

    @property
    def counts(self) -> dict[str, int]:
        """The number of bands of which something came, by what came of them."""
        return {"ingested": len(self.reports), "skipped, in the archive already": len(self.there)}

    def as_dict(self, root: Path) -> dict[str, Any]:
        """Return what came of the bands, for machines."""
        return {"ingests": [report_as_dict(report, root) for report in self.reports]}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def begins(self, todo: int, skipped: Iterable[EclipseBand]) -> None:
        """Show the bar of all."""
        self.todo = todo
        self.there += skipped
        self._all = self._progress.add_task(f"0 of {todo}", total=todo)
        self._count()

    def compiling(self, done: int, total: int) -> None:
        """Show that kernels are compiled, where there is no terminal in a line."""
        if done == 0 and not notes.is_terminal:
            self._print(notes, COMPILING)
        if done < total:
            self._show(COMPILING, done, total)
        else:
            self._hide(COMPILING)

    def fetching(self, what: EclipseBand, file: str, done: int, total: int) -> None:
        """Show how much of a file is there."""
        if done < total or not total:
            self._show(f"{what}: {file}", done, total or None)
        else:
            self._hide(f"{what}: {file}")

    def reducing(self, what: EclipseBand, stage: str, done: int, total: int) -> None:
        """Show how far a reduction is."""
        stages = list(WEIGHTS)
        before = sum(WEIGHTS[each] for each in stages[: stages.index(stage)])
        completed = before + WEIGHTS[stage] * done / max(total, 1)
        self._advance(what, stage, self.ingest_share * completed / sum(WEIGHTS.values()))

    def reduced(self, what: EclipseBand) -> None:
        """Count it as done; its line is for the next one."""
        self._under_way[what] = self.ingest_share
        self._hide(str(what))
        self._count()

    def ingested(self, what: EclipseBand, report: IngestReport) -> None:
        """Print a line about it."""
        self.reports.append(report)
        self._print(results, report_line(report, self._root))

    def done(self, what: EclipseBand) -> None:
        """Count it."""
        self.finished.append(what)
        self._ends(what)

    def skipped(self, what: EclipseBand) -> None:
        """Count it."""
        self.there.append(what)
        self._ends(what)
        self._print(notes, f"{what}: skipped, another process has done it")

    def failed(self, failure: Failure) -> None:
        """Count it; all of them are listed in the end."""
        self.failures.append(failure)
        self._ends(failure.what)

    def _print(self, console: Output, line: str) -> None:
        if not self._quiet:
            # Two consoles on one terminal would write over each other.
            (notes if notes.is_terminal and results.is_terminal else console).print(
                line, markup=False
            )

    def _ends(self, what: EclipseBand) -> None:
        self._done += 1
        self._under_way.pop(what, None)
        self._hide(str(what))
        self._count()

    def _advance(self, what: EclipseBand, stage: str, part: float) -> None:
        """Show a stage of a band, and how much of all that is done with it is done."""
        self._under_way[what] = part
        self._show(f"{what}: {stage}", part, 1.0, key=str(what))
        self._count()

    def _count(self) -> None:
        if self._all is not None:
            failed = f", {len(self.failures)} failed" if self.failures else ""
            description = f"{self._done} of {self.todo}{failed}"
            completed = self._done + sum(self._under_way.values())
            self._progress.update(self._all, completed=completed, description=description)

    def _show(
        self, description: str, completed: float, total: float | None, *, key: str = ""
    ) -> None:
        """Show a line; `key` is what it is known by, where its description changes."""
        key = key or description
        if key not in self._lines:
            self._lines[key] = self._progress.add_task(f"  {description}", total=total)
        self._progress.update(self._lines[key], completed=completed, description=f"  {description}")

    def _hide(self, key: str) -> None:
        task = self._lines.pop(key, None)
        if task is not None:
            self._progress.remove_task(task)
