"""The calibration of one band and epoch, read from a directory and checked."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gphoton_db.calibration import manifest
from gphoton_db.calibration.fetched import check_fetched
from gphoton_db.calibration.identity import identifier_of, is_marked_synthetic, is_synthetic
from gphoton_db.calibration.readers import odd_image, read_image, read_offsets, read_table
from gphoton_db.errors import CalibrationError
from gphoton_db.mission import Band, epoch_of

logger = logging.getLogger(__name__)

FloatTable = NDArray[np.float32]


@dataclass(frozen=True)
class FileRecord:
    """One file as it was read: name, size in bytes, SHA-256 of its content, whether made up."""

    name: str
    size: int
    sha256: str
    synthetic: bool = False


@dataclass(frozen=True, eq=False)
class DistortionCube:
    """Detector distortion: (depth, row, col, 2) float32, 1.5-arcsec pixels; the rest arcsec."""

    shifts: FloatTable
    x0: float
    dx: float
    y0: float
    dy: float
    depth0: float
    ddepth: float


@dataclass(frozen=True, eq=False)
class PostCspTables:
    """Dense post-CSP y corrections, arcsec, and their y bins in the order wig2, wlk2, clk2."""

    wig2: FloatTable
    wlk2: FloatTable
    clk2: FloatTable
    first_bin: NDArray[np.float64]
    bin_width: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CalibrationSet:
    """All tables that the reduction of one band at one epoch needs.

    ``identifier`` names the set: a SHA-256 over the names and contents of exactly the files that
    were used, so two legs with the same one were calibrated alike, wherever the files lay; it
    begins with ``synthetic-`` where any of the files is marked as made up.

    Attributes
    ----------
    wiggle_x, wiggle_y : (32, 480) float32
        0.1 arcsec.
    walk : (32, 480, 480, 2) float32
        x and y side by side, microns; -999 = none.
    linearity : (480, 480, 2) float32
        arcsec.
    flat : (800, 800) float32
        Relative response, [col, row].
    hotspot : (800, 800) bool
        True on masked pixels, [col, row].
    cubes : mapping of str to DistortionCube
        By variant: ``""``, or a, b and c for NUV after CSP.
    fuv_offsets : pair of mappings, or None
        Offset coefficients of x and y (arcsec) by eclipse, FUV only.
    post_csp : PostCspTables or None
        Only after CSP.
    warnings : tuple of str
        What is odd about the files, and may be right.
    """

    directory: Path
    band: Band
    files: tuple[FileRecord, ...]
    identifier: str
    wiggle_x: FloatTable
    wiggle_y: FloatTable
    walk: FloatTable
    linearity: FloatTable
    flat: FloatTable
    hotspot: NDArray[np.bool_]
    cubes: Mapping[str, DistortionCube]
    fuv_offsets: tuple[Mapping[int, float], Mapping[int, float]] | None
    post_csp: PostCspTables | None
    warnings: tuple[str, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether any of the files holds made-up values: nothing calibrated with it is science."""
        return is_synthetic(self.identifier)

    @classmethod
    def load(cls, directory: str | Path, band: Band, eclipse: int) -> "CalibrationSet":
        """Read and check the files that `band` needs at `eclipse` from `directory`.

        Raises
        ------
        CalibrationError
            If the directory or any file is missing (all missing ones are listed), a file does
            not have the expected shape, type or header, holds values that are out of their range
            (`ranges`), or is not what was fetched.
        """
        directory = Path(directory)
        files = manifest.files_for(band, eclipse)
        _require(directory, files, band)
        records = tuple(_record(directory / file.name) for file in files)
        check_fetched(directory, records)
        after_csp = epoch_of(eclipse).after_csp
        walk, odd_walk = _both_axes(directory, manifest.walk_file, band)
        linearity, _ = _both_axes(directory, manifest.linearity_file, band)
        cubes, odd_cubes = _cubes(directory, band, manifest.distortion_variants(band, eclipse))
        for message in (*odd_walk, *odd_cubes):
            logger.warning("%s", message)
        return cls(
            directory=directory,
            band=band,
            files=records,
            identifier=identifier_of(
                ((record.name, record.sha256) for record in records),
                synthetic=any(record.synthetic for record in records),
            ),
            wiggle_x=read_image(directory, manifest.wiggle_file(band, "x"))[0],
            wiggle_y=read_image(directory, manifest.wiggle_file(band, "y"))[0],
            walk=walk,
            linearity=linearity,
            flat=read_image(directory, manifest.flat_file(band))[0],
            hotspot=read_image(directory, manifest.mask_file(band))[0] == 0,
            cubes=cubes,
            fuv_offsets=_fuv_offsets(directory) if band is Band.FUV else None,
            post_csp=_post_csp_tables(directory) if after_csp else None,
            warnings=(*odd_walk, *odd_cubes),
        )


def _require(directory: Path, files: tuple[manifest.AnyFile, ...], band: Band) -> None:
    if not directory.is_dir():
        raise CalibrationError(f"{directory}: no such calibration directory")
    missing = [file.name for file in manifest.missing_files(files, directory)]
    if missing:
        raise CalibrationError(
            f"{directory}: {len(missing)} of the {len(files)} calibration files for {band} are "
            f"missing: {', '.join(missing)}"
        )


def _record(path: Path) -> FileRecord:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        synthetic = is_marked_synthetic(path)
    except OSError as error:
        raise CalibrationError(f"{path}: cannot be read ({error.strerror})") from None
    return FileRecord(path.name, path.stat().st_size, digest, synthetic)


def _both_axes(
    directory: Path, file_of: Callable[[Band, str], manifest.ImageFile], band: Band
) -> tuple[FloatTable, list[str]]:
    """Return the tables of x and y side by side, and what is odd about them."""
    files, odd = [file_of(band, axis) for axis in ("x", "y")], []
    x, header = read_image(directory, files[0])
    odd += odd_image(directory / files[0].name, x, header, files[0])
    both = np.empty((*x.shape, 2), np.float32)
    both[..., 0] = x
    del x
    y, header = read_image(directory, files[1])
    odd += odd_image(directory / files[1].name, y, header, files[1])
    both[..., 1] = y
    return both, odd


def _cubes(
    directory: Path, band: Band, variants: tuple[str, ...]
) -> tuple[Mapping[str, DistortionCube], list[str]]:
    """Return the cubes by variant, and what is odd about them."""
    read = {variant: _cube(directory, band, variant) for variant in variants}
    odd = [message for _, said in read.values() for message in said]
    return {variant: cube for variant, (cube, _) in read.items()}, odd


def _cube(directory: Path, band: Band, variant: str) -> tuple[DistortionCube, list[str]]:
    file = manifest.distortion_file(band, "x", variant)
    x, header = read_image(directory, file)
    y, header_y = read_image(directory, manifest.distortion_file(band, "y", variant))
    if x.shape != y.shape or header != header_y:
        raise CalibrationError(
            f"{directory}: the {band} distortion cubes{variant and ' ' + variant} of x and y "
            "differ in shape or header"
        )
    if 0.0 in (header["DC_DX"], header["DC_DY"], header["DC_DD"]):
        raise CalibrationError(f"{directory}: a {band} distortion cube has a step of 0")
    odd = odd_image(directory / file.name, x, header, file)
    place = (header[keyword] for keyword in manifest.CUBE_KEYWORDS)
    return DistortionCube(np.stack([x, y], axis=-1), *place), odd


def _fuv_offsets(directory: Path) -> tuple[Mapping[int, float], Mapping[int, float]]:
    x, y = (read_offsets(directory, manifest.fuv_offset_file(axis)) for axis in ("x", "y"))
    return x, y


def _post_csp_tables(directory: Path) -> PostCspTables:
    axes = {"wig2": ("YB", "YA", "XB"), "wlk2": ("YB", "Q"), "clk2": ("YB",)}
    size = {"YB": 8, "YA": 32, "XB": 8, "Q": 32}
    dense, first_bin, bin_width = {}, [], []
    for key, file in manifest.POST_CSP_FILES.items():
        columns, header = read_table(directory, file)
        start, width = header["Y_AS_0"], header["Y_AS_INC"]
        if width < 1 or start > -2000:
            raise CalibrationError(
                f"{directory / file.name}: its y bins do not cover +-2000 arcsec"
            )
        shape = (int((2000 - start) / width) + 1, *(size[c] for c in axes[key]))
        index = tuple(columns[c].astype(int) for c in ("yy", *axes[key]))
        for name, column, length in zip(("yy", *axes[key]), index, shape, strict=True):
            if len(column) and not (0 <= column.min() and column.max() < length):
                raise CalibrationError(
                    f"{directory / file.name}: {name} lies outside 0..{length - 1}"
                )
        if len(np.unique(np.stack(index), axis=1).T) < len(index[0]):
            raise CalibrationError(
                f"{directory / file.name}: two of its rows are of one bin; fetch the file again "
                "(gphoton-db calibration fetch)"
            )
        dense[key] = np.zeros(shape, np.float32)
        dense[key][index] = columns["ycor"]
        first_bin.append(start)
        bin_width.append(width)
    return PostCspTables(**dense, first_bin=np.array(first_bin), bin_width=np.array(bin_width))
