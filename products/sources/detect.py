"""The sources in an image, found and kept in the archive."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gphoton_db.products.images.image import Image
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sources.detection import Segments, find_segments, source_table
from gphoton_db.products.sources.extended import outline_extended
from gphoton_db.products.sources.make_photometry import keep_detected

if TYPE_CHECKING:
    from astropy.table import Table
    from photutils.segmentation import SegmentationImage


@dataclass(frozen=True, eq=False)
class Detection:
    """What was found in an image.

    Parameters
    ----------
    sources : astropy.table.Table
        A row a source; see `gphoton_db.products.sources.detection.source_table`.  With outlines it
        has a column ``extended_source``: the outline that the source lies in, 0 for none.
    outlines : astropy.table.Table or None
        Of extended sources, where they were asked for; see
        `gphoton_db.products.sources.extended.outline_extended`.
    segments : Segments
        The pixels that they were found in.
    """

    sources: "Table"
    outlines: "Table | None"
    segments: Segments

    def __len__(self) -> int:
        return len(self.sources)

    def segmentation(self) -> "SegmentationImage":
        """Return which pixel of the image belongs to which source, for photutils.

        Its apertures, catalogues and masks work on the image then: see docs/products.md.

        Returns
        -------
        photutils.segmentation.SegmentationImage
            As large as the image; a source's label is its number in the column ``source``.
        """
        from photutils.segmentation import SegmentationImage

        labels = np.zeros(self.segments.shape, np.int32)
        labels.ravel()[self.segments.pixel] = self.segments.label
        return SegmentationImage(labels)


def detect_sources(
    archive: ArchiveReader, image: Image, *, extended_sources: bool = False
) -> Detection:
    """Find the sources in an image, and keep them in the archive; see `Archive.detect`."""
    segments = find_segments(image)
    sources = source_table(image, segments)
    outlines = outline_extended(image, segments, sources) if extended_sources else None
    keep_detected(archive, image, sources)
    return Detection(sources, outlines, segments)
