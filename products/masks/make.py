"""Masks of legs of an archive, and of many legs together; see `Archive.mask`."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.mission import DETECTOR_PIXELS, Band
from gphoton_db.products.fits.provenance import calibration_cards, calibrations_of, program_cards
from gphoton_db.products.masks.mask import SMALLEST_DITHER, DetectorMask, classify
from gphoton_db.products.masks.options import MaskOptions
from gphoton_db.products.masks.planes import DetectorPlanes, detector_planes
from gphoton_db.products.photon_batches import Photons, row_groups
from gphoton_db.products.reader import (
    ArchiveReader,
    LegChoice,
    legs_chosen,
    photon_files,
    read_aspect,
)
from gphoton_db.products.registry import entered
from gphoton_db.progress import one_by_one
from gphoton_db.system.cores import usable_cores

logger = logging.getLogger(__name__)

STANDARD = "calibration"
FROM_DATA = "data"


def planes_of(archive: ArchiveReader, leg: LegRecord, threads: int) -> DetectorPlanes:
    """Return the planes of a leg.

    Raises
    ------
    ArchiveError
        If its files cannot be read.
    """
    groups = row_groups(photon_files(archive, leg))
    return detector_planes(groups, read_aspect(archive, leg), leg.exposure, threads=threads)


def make_mask(
    archive: ArchiveReader,
    eclipses: Iterable[int],
    band: Band,
    leg: LegChoice,
    options: MaskOptions,
) -> DetectorMask:
    """Return the mask of all of some legs; see `Archive.mask`."""
    legs = [
        each
        for eclipse in dict.fromkeys(eclipses)
        for each in legs_chosen(archive, eclipse, band, leg)
        if each.photon_t0 is not None and each.exposure > 0
    ]
    if not legs:
        raise ProductError("no leg with photons on the detector was chosen: there is no mask")
    total: DetectorPlanes | None = None
    for each in one_by_one(legs, archive.on_progress, "legs"):
        planes = planes_of(archive, each, usable_cores())
        if planes.dither < SMALLEST_DITHER:
            logger.warning(
                "e%05d %s leg %d: the pointing moved by %.1f arcsec only, so that hot cells "
                "cannot be told from stars%s",
                *(each.eclipse, each.band, each.leg, planes.dither * 3600),
                " and it is left out" if len(legs) > 1 else "",
            )
            if len(legs) > 1:
                continue
        total = planes if total is None else total + planes
    if total is None:
        raise ProductError("the pointing of no leg moved enough to tell hot cells from stars")
    return _mask_of(total, legs, options)


def _mask_of(
    planes: DetectorPlanes, legs: Sequence[LegRecord], options: MaskOptions
) -> DetectorMask:
    header = fits.Header(program_cards())
    header["BANDNAME"] = legs[0].band
    header["NLEGS"] = (len(legs), "legs whose photons were added up")
    header["XPOSURE"] = (planes.exposure, "[s] exposure of them")
    header["DITHER"] = (planes.dither * 3600.0, "[arcsec] rms motion of the pointing")
    for name, value in asdict(options).items():
        header[name.upper().replace("_", "")[:8]] = (value, f"MaskOptions.{name}")
    header.extend(calibration_cards(calibrations_of(legs)))
    first = legs[0]
    stem = f"e{first.eclipse:05d}-{Band(first.band).letter}d-b{first.leg:02d}-mask"
    if len(legs) > 1:
        stem = f"{Band(first.band).letter}d-{len(legs)}-legs-mask"
    return DetectorMask(
        classify(planes, options),
        planes.rate.astype(np.float32),
        planes.spread.astype(np.float32),
        header,
        stem,
    )


def write_mask(
    archive: ArchiveReader, mask: DetectorMask, path: Path, eclipses: Sequence[int]
) -> Path:
    """Write a mask, and enter it into the archive's products."""
    parameters = {
        name: mask.header[name.upper().replace("_", "")[:8]] for name in asdict(MaskOptions())
    }
    parameters |= {"band": mask.header["BANDNAME"], "eclipses": list(eclipses)}
    enter = partial(entered, archive.catalogue, kind="mask", parameters=parameters)
    return replace(mask, entering=enter).write(path)


def in_cells(cells: NDArray[np.bool_], photons: Photons) -> NDArray[np.bool_]:
    """Return which photons are in some detector cells."""
    col, row = (
        np.clip(photons[name].astype(np.int64), 0, DETECTOR_PIXELS - 1) for name in ("col", "row")
    )
    found: NDArray[np.bool_] = cells[col, row]
    return found


def masked_cells(
    archive: ArchiveReader, leg: LegRecord, mask: str | Path, threads: int
) -> NDArray[np.bool_] | None:
    """Return the cells that count as hotspots beside those of the calibration; None: no others.

    Parameters
    ----------
    archive, leg
        The leg.
    mask : str or Path
        ``calibration``, ``data`` (those of the leg itself) or a file of a mask.
    threads : int
        That read.

    Raises
    ------
    ProductError
        If the file is no mask, or one of the other band.
    """
    if str(mask) == STANDARD:
        return None
    if str(mask) == FROM_DATA:
        cells = classify(planes_of(archive, leg, threads), MaskOptions())
        return np.asarray(cells > 0)
    found = DetectorMask.read(mask)
    band = found.header.get("BANDNAME")
    if band != leg.band:
        raise ProductError(f"{mask}: is a mask of {band}, not of {leg.band}")
    return np.asarray(found.cells > 0)
