"""The commands that write, each with the archive that it begins with."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from tests.campaign.cluster import SCHEDULER_FILE, kill_worker, start
from tests.campaign.published import before_publishing, require_published, target_of
from tests.campaign.workplace import Workplace, finish, in_child
from tests.gphoton_db.archives import make_old
from tests.gphoton_db.test_pointing_import import tables_of, write


@dataclass(frozen=True)
class Writer:
    """A command that writes into an archive.

    Parameters
    ----------
    name : str
        What it is called in the table.
    words : tuple of str
        The command, without the archive.
    begins : callable
        Makes the archive that it begins with.
    look : callable, optional
        Looks at what else it wrote than the archive.
    disturb : callable, optional
        Kills somebody else, in spite of which the command must do all that it is to do.
    opened : bool
        Begin when the archive was opened in its place: what opening does is not of the command.
    """

    name: str
    words: tuple[str, ...]
    begins: Callable[[str], Path]
    look: Callable[[], None] | None = None
    disturb: Callable[[], None] | None = None
    opened: bool = True


def writers(place: Workplace) -> list[Writer]:
    """Return all commands that write, each with what it begins with."""
    one = (str(place.eclipse), "NUV")
    tables, calibration = _pointing_tables(place), _small_calibration(place)
    coarse = ("--pixel", "6")  # as many steps, and fewer pixels
    few = ("--eclipses", one[0], "--bands", one[1], *place.inputs, "--jobs", "1")
    return [
        Writer("ingest", ("ingest", *place.of_one), place.nothing),
        Writer("ingest --force", ("ingest", *place.of_one, "--force"), place.copy),
        Writer("ingest --eclipses", ("ingest", *few), place.nothing),
        Writer("run", ("run", *place.of_one, "--depth", "5"), place.copy),
        Writer("run --recreate", ("run", *place.of_one, "--recreate"), place.copy),
        Writer(
            "run --eclipses", ("run", *few, "--depth", "5", "--stop-after", "movies"), place.copy
        ),
        Writer("image", ("image", *one, *coarse), place.copy),
        Writer("movie", ("movie", *one, "--depth", "10", *coarse), place.copy),
        Writer("exposure", ("exposure", *one), place.copy),
        Writer("detect", ("detect", *one), place.copy),
        Writer("photometry", ("photometry", *one), place.copy),
        Writer("compact", ("compact", "--fewest", "2"), place.copy),
        Writer("compact --again", ("compact", "--fewest", "2", "--again"), place.compacted),
        Writer("catalogue", ("catalogue", one[0]), place.copy),
        Writer("objects", ("objects",), partial(_with_entries, place)),
        Writer("variables", ("variables", one[0]), partial(_with_entries, place)),
        Writer("mask", ("mask", "NUV", one[0]), place.copy),
        Writer("verify --repair", ("verify", "--repair"), partial(_with_leftovers, place)),
        Writer("pointing import", ("pointing", "import", tables), place.copy),
        Writer("calibration import", ("calibration", "import", calibration), place.copy),
        Writer("upgrade", ("status",), partial(_of_before, place), opened=False),
        Writer("lost catalogue", ("status",), partial(_without_catalogue, place), opened=False),
        *_outside(place),
        *_on_cluster(place),
    ]


def _on_cluster(place: Workplace) -> list[Writer]:
    """Return an ingest by the workers of a cluster, if Dask is installed."""
    if find_spec("distributed") is None:
        return []
    asked = ("--eclipses", str(place.visits / "eclipses.csv"), *place.inputs)
    folder = place.folder / f"dask-{os.getpid()}"
    words = ("ingest", *asked, "--cluster", str(folder / SCHEDULER_FILE))
    begins, disturb = partial(_with_cluster, place, folder), partial(kill_worker, folder)
    return [Writer("ingest --cluster", words, begins, disturb=disturb)]


def _with_cluster(place: Workplace, folder: Path, name: str) -> Path:
    """Return where an archive may be made, once there is a cluster."""
    start(folder)
    return place.nothing(name)


def _outside(place: Workplace) -> list[Writer]:
    """Return those that write outside of the archive, each into a folder of its own."""
    hips, hats = (place.folder / f"outside-{name}" for name in ("hips", "hats"))
    eclipse = str(place.eclipse)
    return [
        Writer(
            "publish",
            ("publish", str(target_of(place))),
            partial(before_publishing, place),
            partial(require_published, place),
        ),
        Writer(
            "hips",
            ("hips", eclipse, "--band", "NUV", "--order", "4", "--output", str(hips)),
            partial(_with_nothing_at, hips, place),
        ),
        Writer(
            "export hats",
            ("export", "hats", "photons", str(hats)),
            partial(_with_nothing_at, hats, place),
        ),
    ]


def _pointing_tables(place: Workplace) -> str:
    """Return a folder with consolidated tables of some visits."""
    folder = place.folder / "tables"
    if not folder.exists():
        folder.mkdir()
        write(folder, tables_of(600, 601))
    return str(folder)


def _small_calibration(place: Workplace) -> str:
    """Return a folder with the smallest calibration files, which are soon copied."""
    folder = place.folder / "small-calibration"
    if not folder.exists():
        folder.mkdir()
        files = sorted((place.visits / "calibration-synthetic").glob("*.fits"), key=_size)
        for file in files[:6]:
            shutil.copy(file, folder)
    return str(folder)


def _size(file: Path) -> int:
    return file.stat().st_size


def _with_leftovers(place: Workplace, name: str) -> Path:
    root = place.copy(name)
    photons = next((root / "photons").rglob("*.parquet"))
    photons.with_name("0123456789ab-0.parquet").write_bytes(photons.read_bytes())
    return root


def _of_before(place: Workplace, name: str) -> Path:
    """Return an archive that an older version made."""
    old = place.folder / "of-before"
    if not old.exists():
        made = place.copy("making-old")
        in_child(partial(make_old, made))
        made.rename(old)
    return place.copy(name, of=old)


def _without_catalogue(place: Workplace, name: str) -> Path:
    root = place.copy(name)
    (root / "gphoton.duckdb").unlink()
    shutil.rmtree(root / "catalogue")
    return root


def _with_entries(place: Workplace, name: str) -> Path:
    """Return an archive with catalogue entries of all visits."""
    with_entries = place.folder / "with-entries"
    if not with_entries.exists():
        made = place.copy("making-entries")
        finish(made, "catalogue", *sorted({leg[0] for leg in place.legs}))
        made.rename(with_entries)
    return place.copy(name, of=with_entries)


def _with_nothing_at(outside: Path, place: Workplace, name: str) -> Path:
    """Return an archive; what is written outside of it is gone."""
    shutil.rmtree(outside, ignore_errors=True)
    return place.copy(name)
