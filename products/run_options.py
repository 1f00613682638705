"""Options of a run of the whole pipeline."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gphoton_db.choices import Choice
from gphoton_db.errors import ProductError
from gphoton_db.products.file_names import Compression
from gphoton_db.products.quantities import arcsec_of, seconds_of, settle

STANDARD_RADIUS = 12.8
"""Arcsec; the aperture of the predecessor's tables when none is named."""


class StopAfter(Choice, what="step"):
    """A step after which a run ends."""

    PHOTONS = "photons"
    MOVIES = "movies"


class TableFormat(Choice, what="format"):
    """Format of tables of photometry."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True)
class RunOptions:
    """What is made of each leg, and which files are written.

    Parameters
    ----------
    leg : int, list of int or "all", optional
        Only these, from 0; None: all.
    depth : float or Quantity, optional
        Length of a frame, s; None: images only.
    radii : sequence of float or Quantity
        Apertures, arcsec.
    catalog : Path, optional
        Table of positions to be measured; None: sources are detected.
    columns : tuple of str
        Write a photon list with these columns; see `write_photon_list`.
    stop_after : StopAfter, optional
        End there.
    photometry_only : bool
        Ingest nothing, and write no image and no movie.
    write_image, write_movie : bool
        Whether the image and the movie are written, or serve photometry only.
    compression : Compression
        Of images and movies.
    burst : bool
        One file for each frame.
    coregister : bool
        Frames coincide with those of the other band, where that is in the archive.
    min_exposure : float or Quantity
        Skip legs with less, s.
    extended : bool
        Make the extended set of images, and measure in it.
    extended_sources : bool
        Find outlines of extended sources, and say which sources lie in them.
    suffix : str
        At the end of the names of tables of photometry, after a hyphen.
    table_format : TableFormat
        Of tables of photometry.
    mask : str or Path
        What is a hotspot; as of `ImageOptions`.
    threads : int
        Threads that work.
    """

    leg: int | Sequence[int] | Literal["all"] | None = None
    depth: float | None = None
    radii: tuple[float, ...] = (STANDARD_RADIUS,)
    catalog: Path | None = None
    columns: tuple[str, ...] = ()
    stop_after: StopAfter | None = None
    photometry_only: bool = False
    write_image: bool = True
    write_movie: bool = True
    compression: Compression = Compression.RICE
    burst: bool = False
    coregister: bool = False
    min_exposure: float = 0.0
    extended: bool = False
    extended_sources: bool = False
    suffix: str = ""
    table_format: TableFormat = TableFormat.CSV
    mask: str | Path = "calibration"
    threads: int = 2

    def __post_init__(self) -> None:
        settle(
            self,
            depth=None if self.depth is None else seconds_of(self.depth, "depth"),
            radii=tuple(arcsec_of(radius, "radii") for radius in self.radii),
            min_exposure=seconds_of(self.min_exposure, "min_exposure"),
        )
        wrong = next((text for found, text in self._contradictions() if found), None)
        if wrong:
            raise ProductError(wrong)

    def _contradictions(self) -> Iterable[tuple[bool, str]]:
        """Yield each contradiction, and the message about it."""
        yield (
            self.stop_after is not None and self.photometry_only,
            "photometry alone and a stop before photometry leave nothing to do: choose one",
        )
        yield (
            self.depth is None and (self.burst or self.coregister),
            "frames are bursts or aligned to the other band only where there are frames: "
            "give their depth (--depth)",
        )
        yield (
            not (math.isfinite(self.min_exposure) and self.min_exposure >= 0),
            f"a shortest exposure of {self.min_exposure:g} s is not valid: give 0 s or more",
        )
        yield not self.radii, "there is no aperture: give at least one radius, arcsec"
        for radius in self.radii:
            yield (
                not (math.isfinite(radius) and radius > 0),
                f"an aperture of {radius:g} arcsec is not valid: give a radius above 0",
            )
        yield (
            "/" in self.suffix or "\\" in self.suffix,
            f"the suffix {self.suffix!r} would be a folder: it becomes a part of file names",
        )
