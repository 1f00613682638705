"""Which calibration files a band and an eclipse need, and what each must look like.

See docs/specification.md, 'Calibration files' (spec-calibration-files).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gphoton_db.calibration import ranges
from gphoton_db.calibration.ranges import ValueRange
from gphoton_db.mission import Band, epoch_of

CUBE_KEYWORDS = ("DC_X0", "DC_DX", "DC_Y0", "DC_DY", "DC_D0", "DC_DD")
BIN_KEYWORDS = ("Y_AS_0", "Y_AS_INC")
PHASES = 32
"""Values of a wiggle phase or a pulse height."""
TABLE_CELLS = 480
"""Side of the wiggle, walk and linearity tables: 10-arcsec cells."""


@dataclass(frozen=True)
class ImageFile:
    """A FITS file whose primary HDU is a float32 array.

    Parameters
    ----------
    name : str
        File name.
    shape : tuple of int or None
        In numpy's order; None where the file itself says it (any length on each axis).
    unit : str
        What the values are in.
    values : ValueRange
        What they may be.
    keywords : tuple of str
        Header keywords that must be there.
    """

    name: str
    shape: tuple[int | None, ...]
    unit: str
    values: ValueRange
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableFile:
    """A FITS file with a table in HDU 1 and bins described in the primary header."""

    name: str
    columns: tuple[str, ...]
    unit: str
    keywords: tuple[str, ...] = BIN_KEYWORDS


@dataclass(frozen=True)
class TextFile:
    """A text table of two columns, eclipse and coefficient; ``|`` lines are comments."""

    name: str
    unit: str


AnyFile = ImageFile | TableFile | TextFile

POST_CSP_FILES = {
    "wig2": TableFile("WIG2_Sep2010.fits", ("YA", "YB", "XB", "yy", "ycor"), "arcsec"),
    "wlk2": TableFile("WLK2_Sep2010.fits", ("Q", "YB", "yy", "ycor"), "arcsec"),
    "clk2": TableFile("CLK2_Sep2010.fits", ("YB", "yy", "ycor"), "arcsec"),
}


def wiggle_file(band: Band, axis: str) -> ImageFile:
    """Return the wiggle table of one axis, ``x`` or ``y``."""
    return ImageFile(
        f"{band}_wiggle_{axis}.fits", (PHASES, TABLE_CELLS), "0.1 arcsec", ranges.WIGGLE
    )


def walk_file(band: Band, axis: str) -> ImageFile:
    """Return the walk table of one axis."""
    shape = (PHASES, TABLE_CELLS, TABLE_CELLS)
    return ImageFile(f"{band}_walk_{axis}.fits", shape, "micron", ranges.WALK)


def linearity_file(band: Band, axis: str) -> ImageFile:
    """Return the detector-to-sky linearity table of one axis."""
    name, shape = f"{band}_NLC_{axis}_det2sky.fits", (TABLE_CELLS, TABLE_CELLS)
    return ImageFile(name, shape, "arcsec", ranges.LINEARITY)


def flat_file(band: Band) -> ImageFile:
    """Return the flat field."""
    return ImageFile(f"{band}_flat.fits", (800, 800), "relative response", ranges.FLAT)


def mask_file(band: Band) -> ImageFile:
    """Return the hotspot mask."""
    return ImageFile(f"{band}_mask.fits", (800, 800), "0 = hotspot", ranges.MASK)


def distortion_file(band: Band, axis: str, variant: str = "") -> ImageFile:
    """Return the distortion cube of one axis; `variant` is a, b or c for NUV after CSP."""
    name = f"{band.value.lower()}_distortion_cube_d{axis}{variant}.fits"
    return ImageFile(name, (None, None, None), "1.5 arcsec", ranges.CUBE, CUBE_KEYWORDS)


def fuv_offset_file(axis: str) -> TextFile:
    """Return the table of FUV offsets against eclipse of one axis."""
    return TextFile(f"fuv_d{axis}_fdttdc_coef_0.tbl", "arcsec")


def distortion_variants(band: Band, eclipse: int) -> tuple[str, ...]:
    """Return the distortion cubes between which the stim separation chooses."""
    after_csp = epoch_of(eclipse).after_csp
    return ("a", "b", "c") if after_csp and band is Band.NUV else ("",)


def files_for(band: Band, eclipse: int) -> tuple[AnyFile, ...]:
    """Return every calibration file that the reduction of a band and eclipse needs."""
    files: list[AnyFile] = [flat_file(band), mask_file(band)]
    for axis in ("x", "y"):
        files += [wiggle_file(band, axis), walk_file(band, axis), linearity_file(band, axis)]
        files += [distortion_file(band, axis, v) for v in distortion_variants(band, eclipse)]
        if band is Band.FUV:
            files.append(fuv_offset_file(axis))
    if epoch_of(eclipse).after_csp:
        files += POST_CSP_FILES.values()
    return tuple(files)


def missing_files(files: Iterable[AnyFile], directory: Path) -> list[AnyFile]:
    """Return which of some calibration files are not in a directory."""
    return [file for file in files if not (directory / file.name).is_file()]
