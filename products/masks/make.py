"""Masks of legs of an archive, and of many legs together; see `Archive.mask`."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from astropy.io import fits

from gphoton_db.catalogue.records import AnyLeg, LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.fits.provenance import calibration_cards, calibrations_of, program_cards
from gphoton_db.products.masks.applied import FROM_DATA, STANDARD, Cells, Mask, keyword_of
from gphoton_db.products.masks.mask import SMALLEST_DITHER, DetectorMask, classify
from gphoton_db.products.masks.options import MaskOptions
from gphoton_db.products.masks.planes import DetectorPlanes, detector_planes
from gphoton_db.products.photon_batches import row_groups
from gphoton_db.products.reader import (
    ArchiveReader,
    LegChoice,
    choose_leg,
    legs_chosen,
    photon_files,
    read_aspect,
)
from gphoton_db.products.registry import entered
from gphoton_db.progress import one_by_one
from gphoton_db.system.cores import usable_cores

logger = logging.getLogger(__name__)


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
        header[keyword_of(name)] = (value, f"MaskOptions.{name}")
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
    parameters = {name: mask.header[keyword_of(name)] for name in asdict(MaskOptions())}
    parameters |= {"band": mask.header["BANDNAME"], "eclipses": list(eclipses)}
    enter = partial(entered, archive.catalogue, kind="mask", parameters=parameters)
    return replace(mask, entering=enter).write(path)


def masked_cells(archive: ArchiveReader, leg: AnyLeg, mask: Mask, threads: int) -> Cells | None:
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
        whole = choose_leg(archive, leg.eclipse, Band(leg.band), leg.leg)
        own = classify(planes_of(archive, whole, threads), MaskOptions())
        return np.asarray(own > 0)
    path = Path(mask).expanduser()
    if not path.is_file():
        raise ProductError(
            f"{mask}: cannot be read, as there is no such file: give calibration, data, or one "
            "that `gphoton-db mask` wrote"
        )
    cells, band = _cells_of(path, path.stat().st_mtime_ns)
    if band != leg.band:
        raise ProductError(f"{mask}: is a mask of {band}, not of {leg.band}")
    return cells


@lru_cache(maxsize=2)
def _cells_of(path: Path, _changed: int) -> tuple[Cells, str | None]:
    """Return the cells of a mask's file, and its band; light curves ask once for each leg."""
    found = DetectorMask.read(path)
    return np.asarray(found.cells > 0), found.header.get("BANDNAME")
