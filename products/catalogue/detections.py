"""What is detected in each band of a leg, and what the images say of places on the sky."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import Band
from gphoton_db.products.catalogue.options import CatalogueOptions
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.images.make import make_image
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sources.background import Surface, strips
from gphoton_db.products.sources.catalog import DETECTED
from gphoton_db.products.sources.detection import find_segments, source_table
from gphoton_db.products.sources.make_photometry import place_detected
from gphoton_db.products.sources.store import SourceFile, file_of_sources

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BandField:
    """What the image of a band says.

    Parameters
    ----------
    leg : LegRecord
        Of which leg and band.
    number : (n,) int64
        Of what was detected, as in the view ``sources``.
    ra, dec : (n,) float64
        Deg.
    counts : (n,) float64
        In the segments, above the background.
    geometry, coverage, level
        Of the image; ``level`` is its background in counts a pixel, None where all is edge.
    exposure : float
        Seconds.
    sources : SourceFile
        What the archive is to keep of what was detected.
    """

    leg: LegRecord
    number: NDArray[np.int64]
    ra: Floats
    dec: Floats
    counts: Floats
    geometry: ImageGeometry
    coverage: NDArray[np.uint8]
    level: Surface | None
    exposure: float
    sources: SourceFile

    @property
    def band(self) -> Band:
        """Of the leg."""
        return Band(self.leg.band)

    def __len__(self) -> int:
        return len(self.number)

    def coverage_at(self, ra: Floats, dec: Floats) -> NDArray[np.uint8]:
        """Return the bits of COVERAGE of directions, deg; 0 outside of the image."""
        index = self.geometry.index_of(ra, dec)
        seen = np.where(index >= 0, self.coverage.ravel()[np.maximum(index, 0)], 0)
        return seen.astype(np.uint8)

    def background_at(self, ra: Floats, dec: Floats) -> Floats:
        """Return the detection's background of directions (deg), 1/s/arcsec2; NaN: not known."""
        found = np.full(len(ra), np.nan)
        if self.level is None or not self.exposure > 0:
            return found
        index = self.geometry.index_of(ra, dec)
        row, column = np.divmod(index, self.geometry.shape[1])
        for rows in strips(self.geometry.shape[0]):
            here = np.flatnonzero((index >= 0) & (row >= rows.start) & (row < rows.stop))
            if len(here):
                level = self.level.rows(rows)
                found[here] = level[row[here] - rows.start, column[here]]
        return found / (self.geometry.pixel**2 * self.exposure)


def detect_band(archive: ArchiveReader, leg: LegRecord, options: CatalogueOptions) -> BandField:
    """Detect the sources in the image of a leg.

    Raises
    ------
    ProductError
        If the leg has no photons on the detector.
    """
    image = make_image(archive, leg, options.image, dose=False)
    segments = find_segments(image, threads=options.threads)
    sources = source_table(image, segments)
    place_detected(image, sources)
    ra, dec, counts = (np.asarray(sources[name], float) for name in ("ra", "dec", "segment_flux"))
    return BandField(
        leg,
        np.asarray(sources["source"], np.int64),
        ra,
        dec,
        counts,
        geometry=image.geometry,
        coverage=image.coverage,
        level=None if segments.background is None else segments.background.level,
        exposure=image.exposure,
        sources=file_of_sources(leg, DETECTED, sources),
    )
