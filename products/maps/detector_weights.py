"""Which detector pixels are of use, and how sensitive they are, as a leg was calibrated."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.calibration.manifest import ImageFile, flat_file, mask_file
from gphoton_db.calibration.readers import read_image
from gphoton_db.calibration.sets import set_folder, set_names
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.mission import DETECTOR_PIXELS, Band
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.query.sql_files import literal
from gphoton_db.remote.files import published_calibration

Weights = NDArray[np.float32]


@dataclass(frozen=True)
class UsableDetector:
    """The part of the detector whose photons are used.

    Parameters
    ----------
    edge : float
        Radius about the detector's centre, pixels; photons beyond are left out.  370 is the
        mission's narrow edge, 350 its wide one.
    hotspots : bool
        Whether photons on the hotspots of the mask are used too.

    Raises
    ------
    ProductError
        If `edge` is not between 0 and 400 pixels.
    """

    edge: float = 370.0
    hotspots: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.edge <= DETECTOR_PIXELS / 2:
            raise ProductError(
                f"an edge of {self.edge} pixels is not valid: the detector's field has a radius "
                f"of {DETECTOR_PIXELS // 2}"
            )


def detector_weights(
    archive: ArchiveReader,
    leg: LegRecord,
    usable: UsableDetector,
    *,
    calibration: Path | None = None,
) -> Weights:
    """Return what a second on each detector pixel counts: 1 on those of use, 0 on the others.

    Parameters
    ----------
    archive, leg
        The leg; its flat and mask are found where they were when it was ingested, or in the
        archive's own ``calibration`` folder.
    usable : UsableDetector
        What is of use; pixels on which the flat is 0 never are.
    calibration : Path, optional
        A directory to look into instead.

    Returns
    -------
    (800, 800) float32
        [col, row].

    Raises
    ------
    ProductError
        If the flat or the mask that calibrated the leg cannot be found.
    """
    band = Band(leg.band)
    flat = _as_calibrated(archive, leg, flat_file(band), calibration)
    good = flat > 0
    if not usable.hotspots:
        good &= _as_calibrated(archive, leg, mask_file(band), calibration) != 0
    # Photons are cut by their own positions, so the rim goes through pixels: a part counts a part.
    return np.asarray(good * _within(usable.edge), dtype=np.float32)


def _within(radius: float, *, parts: int = 4) -> NDArray[np.float64]:
    """Return how much of each detector pixel lies within a radius of the centre."""
    side = DETECTOR_PIXELS * parts
    from_centre = (np.arange(side, dtype=np.float32) + 0.5) / parts - DETECTOR_PIXELS / 2
    inside = from_centre[:, None] ** 2 + from_centre**2 < radius**2
    shape = (DETECTOR_PIXELS, parts, DETECTOR_PIXELS, parts)
    fraction: NDArray[np.float64] = inside.reshape(shape).mean(axis=(1, 3))
    return fraction


def _as_calibrated(
    archive: ArchiveReader, leg: LegRecord, file: ImageFile, calibration: Path | None
) -> Weights:
    """Return a calibration image, from the first folder that has the very file."""
    (row,) = archive.rows(
        f"SELECT sha256, directory FROM calibration_files WHERE name = {literal(file.name)} "
        f"AND calibration = {literal(leg.calibration)}"
    )
    folders = [calibration] if calibration else [Path(row["directory"])]
    sets = archive.catalogue.paths.calibration
    folders += [set_folder(sets, name) for name in set_names(sets)] or [sets]
    folders += published_calibration(archive.root, file.name, row["sha256"])
    for folder in folders:
        path = folder / file.name
        if path.is_file() and _sha256(path) == row["sha256"]:
            return read_image(folder, file)[0]
    looked = ", ".join(str(folder) for folder in folders)
    raise ProductError(
        f"the {file.name} that calibrated eclipse {leg.eclipse} {leg.band} leg {leg.leg} is not in "
        f"{looked}: exposure maps need it; give the calibration directory it was ingested with"
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
