"""Jobs for the workers of a cluster, which do what no reduction should."""

import logging
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from gphoton_db.errors import GPhotonError
from gphoton_db.intake.many.messages import Result
from gphoton_db.progress import Progress


@dataclass(frozen=True)
class SomeJob:
    """Has a name, and fills no folder."""

    name: str
    folder: Path
    root: Path

    def absolute(self) -> Self:
        return replace(self, folder=self.folder.absolute(), root=self.root.absolute())

    def into(self, folder: Path) -> Self:
        return replace(self, folder=folder)

    def results(self, on_progress: Progress) -> Iterator[Result]:
        """Tell of all that can be told of."""
        on_progress("reading", 1, 2)
        logging.getLogger("gphoton_db.tests").warning("%s is odd", self.name)
        assert self.folder.is_dir()
        assert Path.cwd() != self.root
        yield from ()


class Deadly(SomeJob):
    """Kills each worker that tries it."""

    def results(self, on_progress: Progress) -> Iterator[Result]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield from ()


class Hopeless(SomeJob):
    """Cannot be done."""

    def results(self, on_progress: Progress) -> Iterator[Result]:
        raise GPhotonError(f"{self.name} cannot be done")


class Unwanted(SomeJob):
    """Loses its lease, as on a worker that does not see the folder."""

    def results(self, on_progress: Progress) -> Iterator[Result]:
        (self.folder.parent / "wanted").unlink()
        (self.folder / "photons").mkdir()
        yield from ()
