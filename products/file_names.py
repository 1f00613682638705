"""Names of product files, as the field knows them.

``e23456-nd-ffull-b00-image-r.fits``: eclipse, band, direct imaging, length of a frame (``full``,
or seconds in four digits), leg, kind, and a letter for the compression.
"""

from collections.abc import Sequence
from pathlib import Path

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.choices import Choice
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band


class Compression(Choice, what="compression"):
    """How a FITS file is compressed."""

    NONE = "none"
    GZIP = "gzip"
    RICE = "rice"

    @property
    def ending(self) -> str:
        """Letter and suffix at the end of a file's name: ``-r.fits``."""
        return f"-{self.value[0]}.fits" + (".gz" if self is Compression.GZIP else "")


def leg_stem(leg: LegRecord, depth: float | None = None) -> str:
    """Return how the names of a leg's products begin: ``e23456-nd-f0030-b00``.

    Parameters
    ----------
    leg : LegRecord
        The leg.
    depth : float, optional
        Length of a frame, s; None: the full depth.
    """
    return f"e{leg.eclipse:05d}-{Band(leg.band).letter}d-f{depth_text(depth)}-b{leg.leg:02d}"


def depth_text(depth: float | None) -> str:
    """Return the length of a frame, s, in a file's name: ``full``, ``0030``, ``0000.5``."""
    if depth is None:
        return "full"
    whole, fraction = divmod(round(depth * 1000), 1000)
    return f"{whole:04d}" + (f".{fraction:03d}".rstrip("0") if fraction else "")


def name_of(path: Path) -> str:
    """Return the name of a product in a file: without the compression's letter and ending."""
    return path.name.split(".fits")[0].removesuffix("-r").removesuffix("-g").removesuffix("-n")


def image_name(leg: LegRecord, compression: Compression, mask: str = "") -> str:
    """Return the name of a leg's image; `mask`: see `masks.applied.mask_suffix`."""
    return f"{leg_stem(leg)}-image{mask}{compression.ending}"


def movie_name(leg: LegRecord, depth: float, compression: Compression, mask: str = "") -> str:
    """Return the name of a movie with frames of `depth` seconds; `mask`: as of `image_name`."""
    return f"{leg_stem(leg, depth)}-movie{mask}{compression.ending}"


def frame_name(
    leg: LegRecord, depth: float, offset: float, compression: Compression, mask: str = ""
) -> str:
    """Return the name of a frame's own file.

    Parameters
    ----------
    leg, depth, compression, mask
        As of `movie_name`.
    offset : float
        Its start, s after the first frame's.
    """
    return f"{leg_stem(leg, depth)}-t{depth_text(offset)}{mask}{compression.ending}"


def exposure_name(leg: LegRecord, depth: float | None = None) -> str:
    """Return the name of a leg's exposure table, by frames of `depth` seconds or as a whole."""
    return f"{leg_stem(leg, depth)}-{'image' if depth is None else 'movie'}-exptime.csv"


def photometry_name(
    leg: LegRecord,
    radius: float,
    *,
    depth: float | None,
    lists: Sequence[str] = (),
    suffix: str = "",
    kind: str = "csv",
    mask: str = "",
) -> str:
    """Return the name of a table of photometry: ``e23456-nd-f0030-b00-movie-photom-12_8.csv``.

    Parameters
    ----------
    leg : LegRecord
        The leg.
    radius : float
        Of the aperture, arcsec.
    depth : float or None
        Length of the frames, s; None: the whole leg.
    lists : sequence of str
        What tells it from other tables, where there is no suffix.
    suffix : str
        At the end of the name.
    kind : str
        ``csv`` or ``parquet``.
    mask : str
        As of `image_name`.
    """
    what = "image" if depth is None else "movie"
    aperture = f"{float(radius)}".replace(".", "_")
    end = "".join(f"-{each}" for each in ([suffix] if suffix else lists))
    return f"{leg_stem(leg, depth)}-{what}-photom-{aperture}{mask}{end}.{kind}"


def outlines_name(leg: LegRecord, mask: str = "") -> str:
    """Return the name of the outlines of a leg's extended sources; `mask`: as of `image_name`."""
    return f"{leg_stem(leg)}-extended-sources{mask}.csv"


def file_in(path: Path, name: str, compression: Compression) -> Path:
    """Return the file that a product goes to: `path` itself, or `name` in it if it is a folder.

    Raises
    ------
    ProductError
        If the file's ending says otherwise than `compression`.
    """
    if path.is_dir():
        return path / name
    if compression is Compression.GZIP and path.suffix != ".gz":
        raise ProductError(f"{path}: the name of a gzipped file ends in .gz")
    if compression is not Compression.GZIP and path.suffix == ".gz":
        raise ProductError(f"{path}: a name in .gz is for compression 'gzip', not {compression}")
    return path


def products_folder(eclipse: int) -> str:
    """Return the folder for an eclipse's products, relative to the archive."""
    return f"products/e{eclipse:05d}"
