"""A job that takes no time, in a module that workers can import."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gphoton_db.intake.many.messages import Result
from gphoton_db.progress import Progress


@dataclass(frozen=True)
class NoJob:
    """Nothing to do."""

    folder: Path
    root: Path
    name: str = "nothing"

    def absolute(self) -> "NoJob":
        """Return the same with absolute paths."""
        return replace(self, folder=self.folder.absolute(), root=self.root.absolute())

    def into(self, folder: Path) -> "NoJob":
        """Return the same with another folder."""
        return replace(self, folder=folder)

    def results(self, on_progress: Progress) -> Iterator[Result]:
        """Tell of progress once."""
        on_progress("reading", 1, 1)
        yield from ()
