"""Small visits and archives that the campaign works on, made by the project's own simulator."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.paths import raw6_name
from tests.campaign.forked import COMMAND_S, attempts, run_command
from tests.campaign.outcome import Outcome, SilentlyWrongError, Try

N_VISITS = 3
"""Eclipses of one leg in both bands, all in one field."""


@dataclass(frozen=True)
class Workplace:
    """A folder with telemetry, and an archive of all of it that nobody disturbed.

    Parameters
    ----------
    folder : Path
        Holds everything.
    visits : Path
        Telemetry, pointing and calibration.
    whole : Path
        The archive.
    eclipse : int
        One of its eclipses.
    legs : tuple
        Eclipse, band, leg and number of photons of all its legs.
    position : tuple of float
        Right ascension and declination of the middle of its field, deg.
    """

    folder: Path
    visits: Path
    whole: Path
    eclipse: int
    legs: tuple[tuple[int, str, int, int], ...]
    position: tuple[float, float] = (0.0, 0.0)

    @property
    def inputs(self) -> list[str]:
        """Options that name what to ingest from."""
        folders = ("raw6", "pointing", "calibration-synthetic")
        raw6, pointing, calibration = (str(self.visits / name) for name in folders)
        return ["--raw6", raw6, "--pointing", pointing, "--calibration", calibration, "--offline"]

    @property
    def raw6(self) -> Path:
        """Telemetry of the eclipse in NUV."""
        return self.visits / "raw6" / raw6_name(self.eclipse, Band.NUV)

    @property
    def of_one(self) -> list[str]:
        """The eclipse, a band, and options that name what to ingest it from."""
        return [str(self.eclipse), "NUV", "--raw6", str(self.raw6), *self.inputs[2:]]

    def copy(self, name: str, *, of: Path | None = None) -> Path:
        """Return a fresh copy of the archive, or of another one."""
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        return Path(shutil.copytree(of or self.whole, target))

    def compacted(self, name: str) -> Path:
        """Return a fresh copy of the archive with merged photons."""
        merged = self.folder / "compacted"
        if not merged.exists():
            made = self.copy("making-compacted")
            finish(made, "compact", "--fewest", "2")
            made.rename(merged)
        return self.copy(name, of=merged)

    def nothing(self, name: str) -> Path:
        """Return where an archive may be made."""
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        return target


def make_workplace(folder: Path, seed: int) -> Workplace:
    """Simulate the visits, and ingest them; what was made in that folder before is used again."""
    folder.mkdir(parents=True, exist_ok=True)
    visits, whole = folder / "visits", folder / "whole"
    if not whole.exists():
        words = ("--mission", N_VISITS, "--survey", "DIS", "--photons", 2000, "--seed", seed)
        finish(folder / "none", "simulate", *words, "--output", visits)
        place = Workplace(folder, visits, whole, 0, ())
        finish(whole, "ingest", "--eclipses", visits / "eclipses.csv", *place.inputs)
    legs = legs_of(whole)
    with Archive(whole) as archive:
        first = archive.legs()[0]
    position = (first.ra0, first.dec0)
    return Workplace(folder, visits, whole, legs[0][0], tuple(legs), position)


def legs_of(root: Path) -> list[tuple[int, str, int, int]]:
    """Return eclipse, band, leg and number of photons of the legs of an archive."""
    with Archive(root) as archive:
        return legs_in(archive)


def legs_in(archive: Archive) -> list[tuple[int, str, int, int]]:
    """Return the same of an archive that is open."""
    return [(leg.eclipse, leg.band, leg.leg, leg.n_photons) for leg in archive.legs()]


def finish(archive: Path, *words: object) -> str:
    """Run a command, which must succeed, and return its standard output."""
    done = run_command(archive, *words)
    if done.code:
        raise RuntimeError(f"{' '.join(map(str, words))}: exit code {done.code}\n{done.err}")
    return done.out


def in_child(look: Callable[[], None]) -> None:
    """Look at an archive in a process of its own, which knows nothing of it from before."""
    tried = next(attempts(lambda: iter([Try("look", look)]), 1, seconds=COMMAND_S))
    if tried.outcome is not Outcome.ACCEPTED:
        raise SilentlyWrongError(f"{tried.outcome}: {tried.said}")
