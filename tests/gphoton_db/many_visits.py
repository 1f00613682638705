"""Ten small eclipses of the same content, some of them broken, and what became of them."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from gphoton_db.archive import Archive
from gphoton_db.aspect.read import read_pointing
from gphoton_db.mission import Band
from gphoton_db.paths import raw6_name
from gphoton_db.simulate.pointing_files import write_asprta
from gphoton_db.simulate.raw6_file import write_raw6
from tests.gphoton_db.archives import Sources

FIRST, NUMBER = 23600, 10
ECLIPSES = tuple(range(FIRST, FIRST + NUMBER))
TRUNCATED, NO_POINTING, WRONG_BAND = BROKEN = (FIRST + 2, FIRST + 7, FIRST + 8)
STALLED = (FIRST + 5, FIRST + 6)
WHOLE = tuple(eclipse for eclipse in ECLIPSES if eclipse not in BROKEN)
BEFORE_THE_STALL = tuple(eclipse for eclipse in WHOLE if eclipse < STALLED[0])

LONGEST_WAIT_S = 300.0
"""What takes longer will never happen."""


@dataclass(frozen=True)
class ManyVisits:
    """Inputs of many ingests, in one folder of each kind."""

    raw6: Path
    pointing: Path
    calibration: Path

    @property
    def paths(self) -> dict[str, Any]:
        return {"raw6": self.raw6, "pointing": self.pointing, "calibration": self.calibration}

    def arguments(self, root: Path, *options: str) -> list[str]:
        """Return what to tell ``gphoton-db``."""
        paths = [f"--{name}={path}" for name, path in self.paths.items()]
        return ["--archive", str(root), "ingest", *paths, *options]

    def stalling(self, folder: Path) -> "ManyVisits":
        """Return a copy on which a run of two jobs comes to a halt, so that it can be ended there.

        Two telemetry files are pipes, which nobody writes to.
        """
        copy = self.copied(folder)
        for path in copy.stalled:
            path.unlink()
            os.mkfifo(path)
        return copy

    @property
    def stalled(self) -> list[Path]:
        """The files that are pipes in a copy that stalls."""
        return [self.raw6 / raw6_name(eclipse, Band.NUV) for eclipse in STALLED]

    def copied(self, folder: Path) -> "ManyVisits":
        return ManyVisits(
            Path(shutil.copytree(self.raw6, folder / "raw6")),
            Path(shutil.copytree(self.pointing, folder / "pointing")),
            self.calibration,
        )


def make_many_visits(folder: Path, of: Sources) -> ManyVisits:
    """Give one visit ten numbers, and break three of them."""
    visits = ManyVisits(folder / "raw6", folder / "pointing", of.calibration)
    visits.raw6.mkdir()
    for eclipse in ECLIPSES:
        make_visit(visits, of, eclipse)
    truncated = visits.raw6 / raw6_name(TRUNCATED, Band.NUV)
    truncated.write_bytes(truncated.read_bytes()[: truncated.stat().st_size // 2])
    for file in visits.pointing.glob(f"e{NO_POINTING}-*"):
        file.unlink()
    make_raw6(visits, of, WRONG_BAND, Band.FUV)
    return visits


def make_visit(visits: ManyVisits, of: Sources, eclipse: int) -> None:
    """Write whole files of an eclipse, in the place of what there was."""
    make_raw6(visits, of, eclipse, Band.NUV)
    legs = read_pointing(of.pointing, of.eclipse).legs
    write_asprta(visits.pointing, legs, eclipse=eclipse)


def make_raw6(visits: ManyVisits, of: Sources, eclipse: int, band: Band) -> None:
    with fits.open(of.raw6) as hdus:
        rows = np.asarray(hdus[1].data)
        path = visits.raw6 / raw6_name(eclipse, Band.NUV)
        write_raw6(path, [rows], eclipse=eclipse, band=band)


def wait_until(happens: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait until something has happened while a process goes on."""
    end = time.monotonic() + LONGEST_WAIT_S
    while not happens():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    assert process.poll() is None


def wait_for_legs(root: Path, process: subprocess.Popen[str]) -> None:
    """Wait until all that comes before the stall is in an archive."""
    wait_until((root / "gphoton.duckdb").exists, process)
    with Archive(root) as archive:
        wait_until(lambda: len(archive.legs()) >= 2 * len(BEFORE_THE_STALL), process)


def legs_there(root: Path) -> list[tuple[int, str, int, int, int]]:
    """Return what an archive holds that does not depend on when it was ingested."""
    with Archive(root) as archive:
        return [
            (leg.eclipse, leg.band, leg.leg, leg.n_photons, leg.size_bytes)
            for leg in archive.legs()
        ]


def ingested_in(root: Path) -> list[int]:
    """Return the eclipse of every reduction that the log tells of, failures left out."""
    with Archive(root) as archive:
        rows = archive.query(
            "SELECT eclipse FROM ingests WHERE outcome <> 'failed' ORDER BY ALL"
        ).rows()
    return [row["eclipse"] for row in rows]


def workers_of(run: int) -> list[int]:
    """Return the worker processes that a process has started, wherever they were forked."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status, command = (folder / "stat").read_text(), (folder / "cmdline").read_text()
        except OSError:
            continue
        name, _, others = status.partition("(")[2].rpartition(")")
        parent = int(others.split()[1])
        if name == f"for-{run}" or (parent == run and "many.worker" in command):
            found.append(int(folder.name))
    return found
