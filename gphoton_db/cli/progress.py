"""A progress bar with the time left, on a terminal; silent elsewhere."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from gphoton_db.cli.console import notes
from gphoton_db.cli.shown_text import visible
from gphoton_db.progress import COMPILING, STAGES, no_progress
from gphoton_db.progress import Progress as Progressed

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

WEIGHTS = dict(zip(STAGES, (1.0, 2.0, 2.5), strict=True))
"""Roughly how long an event takes in each stage of an ingest, relative to reading it."""


def _bars_on_terminal() -> "Progress | None":
    if not notes.is_terminal:
        return None
    from gphoton_db.cli.bars import bars  # with rich

    return bars(notes)


class WorkProgress:
    """Shows each stage of some work as a bar of its own; call it as the work's ``on_progress``.

    Its method `download` is what to call as ``on_download``.
    """

    def __init__(self, name: str) -> None:
        self._progress = _bars_on_terminal()
        self._name = name
        self._task: TaskID | None = None
        self._downloads: dict[str, TaskID] = {}
        self._compiling = False

    def __enter__(self) -> Self:
        if self._progress:
            self._progress.start()
            self._task = self._progress.add_task(self._name, total=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._progress:
            self._progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` of a stage are done."""
        if stage == COMPILING and not self._compiling and not notes.is_terminal:
            notes.print(f"{self._name}: {COMPILING}", markup=False)
        self._compiling = stage == COMPILING
        self._show(stage, done, max(total, 1))

    def download(self, name: str, done: int, total: int) -> None:
        """Show that `done` of `total` bytes of a file are there (0 = not known), in its own bar."""
        if not self._progress:
            return
        if name not in self._downloads:
            self._downloads[name] = self._progress.add_task(visible(name), total=None)
        size = f"{done / 1e6:,.1f}" + (f" of {total / 1e6:,.1f} MB" if total else " MB")
        self._progress.update(
            self._downloads[name],
            completed=done,
            total=total or None,
            description=f"{visible(name)}: {size}",
            visible=done != total,
        )

    def _show(self, stage: str, completed: float, total: float) -> None:
        if self._progress and self._task is not None:
            self._progress.update(
                self._task,
                completed=completed,
                total=total,
                description=f"{self._name}: {stage}",
                passed=self._compiling,
            )


@contextmanager
def progress_of(name: str, *, quiet: bool) -> Iterator[Progressed]:
    """Give what to call as the ``on_progress`` of some work, to show its stages on a terminal.

    Parameters
    ----------
    name : str
        Stands before the bar.
    quiet : bool
        Show nothing: machines read what comes of it.
    """
    if quiet:
        yield no_progress
    else:
        with WorkProgress(name) as bar:
            yield bar


class StageProgress(WorkProgress):
    """Shows the stages of long-running work as a single bar; call it as its ``on_progress``.

    Parameters
    ----------
    name : str
        Stands before the bar.
    weights : mapping of str to float
        The stages in their order, and how long each takes, relative to the others.
    """

    def __init__(self, name: str, weights: Mapping[str, float] = WEIGHTS) -> None:
        super().__init__(name)
        self._weights = weights

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` of a stage are done."""
        stages = list(self._weights)
        if stage not in stages:
            super().__call__(stage, done, total)
            return
        self._compiling = False
        before = sum(self._weights[s] for s in stages[: stages.index(stage)])
        completed = before + self._weights[stage] * (done / total if total else 1.0)
        self._show(stage, completed, sum(self._weights.values()))
