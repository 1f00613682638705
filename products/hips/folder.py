"""The folder of a HiPS, and the hidden one beside it in which it is made.

A HiPS is made in ``.NAME.partial`` and takes its own name when it is complete.  What a killed
command left there serves the next one, if that is to make the same.
"""

import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from gphoton_db.errors import ProductError
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.hips.plan import HipsPlan
from gphoton_db.products.hips.pyramid import Quarter
from gphoton_db.products.hips.tiles import Ints

BUILDER = "gphoton-db"
"""How ``hips_builder`` begins in the properties of our own."""

_NOTES = ".gphoton-db"


@dataclass(frozen=True)
class HipsFolder:
    """Names of the files of a HiPS.

    Parameters
    ----------
    root : Path
        Its folder.
    """

    root: Path

    def tile(self, order: int, number: int, ending: str) -> Path:
        """Return the file of a tile, such as ``Norder8/Dir320000/Npix329110.fits``."""
        large = number // 10_000 * 10_000
        return self.root / f"Norder{order}" / f"Dir{large}" / f"Npix{number}.{ending}"

    def tiles(self, order: int, ending: str) -> list[tuple[int, Path]]:
        """Return the numbers of the tiles of an order that are there, rising, and their files."""
        files = (self.root / f"Norder{order}").glob(f"Dir*/Npix*.{ending}")
        return sorted((int(file.stem.removeprefix("Npix")), file) for file in files)

    @property
    def properties(self) -> Path:
        """The file that describes the HiPS."""
        return self.root / "properties"

    @property
    def moc(self) -> Path:
        """Its coverage."""
        return self.root / "Moc.fits"

    def allsky(self, ending: str) -> Path:
        """Return the overview of all tiles of order 3."""
        return self.root / "Norder3" / f"Allsky.{ending}"


@dataclass(frozen=True)
class BlockNotes:
    """What is known of the finished tiles of a block.

    Parameters
    ----------
    quarter : Quarter
        Their sum, as part of the tile below.
    seen : (n,) int64
        HEALPix pixels of which anything was seen.
    """

    quarter: Quarter
    seen: Ints


class PartialHips:
    """A HiPS that is being made.

    Parameters
    ----------
    root : Path
        The hidden folder.
    """

    def __init__(self, root: Path) -> None:
        self.folder = HipsFolder(root)
        self._notes = root / _NOTES

    def begin(self, plan: HipsPlan) -> None:
        """Keep what is there if it is of the same plan, and remove it otherwise."""
        described = json.dumps(_description(plan), indent=1)
        file = self._notes / "plan.json"
        if not file.is_file() or file.read_text("utf-8") != described:
            if self.folder.root.exists():
                shutil.rmtree(self.folder.root)
            with being_written(file) as temporary:
                temporary.write_text(described, "utf-8")

    def read_block(self, block: int) -> BlockNotes | None:
        """Return what is known of a block; None if it is not finished."""
        try:
            with np.load(self._block(block)) as notes:
                quarter = notes["count"], notes["exposure"]
                return BlockNotes(quarter, notes["seen"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def note_block(self, block: int, notes: BlockNotes) -> None:
        """Note that all tiles of a block are written."""
        count, exposure = notes.quarter
        with being_written(self._block(block)) as temporary, temporary.open("wb") as file:
            np.savez(file, count=count, exposure=exposure, seen=notes.seen)

    def _block(self, block: int) -> Path:
        return self._notes / f"{block}.npz"

    def finish(self, target: Path) -> None:
        """Give the HiPS its own name; an earlier one of that name is removed."""
        shutil.rmtree(self._notes)
        earlier = target.with_name(f".{target.name}.earlier")
        if earlier.exists():
            shutil.rmtree(earlier)
        if target.exists():
            target.replace(earlier)
        self.folder.root.replace(target)
        if earlier.exists():
            shutil.rmtree(earlier)


@contextmanager
def partial_hips(target: Path, plan: HipsPlan) -> Iterator[PartialHips]:
    """Give the hidden folder of a HiPS to fill; it takes its own name in the end.

    What was made so far stays if something goes wrong: the next command goes on with it.

    Raises
    ------
    ProductError
        If the folder cannot be written, holds something else, or another process makes it.
    """
    _check(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = target.with_name(f".{target.name}.lock")
        with FileLock(lock, timeout=0):
            partial = PartialHips(target.with_name(f".{target.name}.partial"))
            partial.begin(plan)
            yield partial
            partial.finish(target)
            lock.unlink(missing_ok=True)
    except Timeout:
        raise ProductError(f"{target}: another process is making it") from None
    except OSError as error:
        raise ProductError(f"{target}: cannot be written ({error.strerror or error})") from None


def _check(target: Path) -> None:
    """Raise an error if what is there is neither empty nor a HiPS of ours."""
    if not target.exists():
        return
    if not target.is_dir():
        raise ProductError(f"{target}: is a file, and a HiPS is a folder: give another name")
    file = HipsFolder(target).properties
    ours = file.is_file() and BUILDER in file.read_text("utf-8", errors="replace")
    if not ours and any(target.iterdir()):
        raise ProductError(
            f"{target}: holds something that is no HiPS of gphoton-db: give a new folder"
        )


def _description(plan: HipsPlan) -> Mapping[str, Any]:
    """Return what decides what the tiles are."""
    from gphoton_db._version import __version__

    return {
        "version": __version__,
        "band": str(plan.band),
        "order": plan.order,
        "plane": str(plan.plane),
        "edge": plan.usable.edge,
        "calibration": str(plan.calibration),
        "legs": [
            [each.leg.eclipse, each.leg.leg, each.leg.generation, each.intervals]
            for each in plan.timed
        ],
    }
