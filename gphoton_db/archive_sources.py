"""The methods of an archive that find sources and measure them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

from gphoton_db.mission import Band
from gphoton_db.system.cores import usable_cores

if TYPE_CHECKING:
    from astropy.table import Table
    from photutils.segmentation import SegmentationImage

    from gphoton_db.products.images.image import Image
    from gphoton_db.products.reader import ArchiveReader
    from gphoton_db.products.sources.detection import Segments
    from gphoton_db.products.sources.photometry import Photometry


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
    segments: "Segments"

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
        import numpy as np
        from photutils.segmentation import SegmentationImage

        labels = np.zeros(self.segments.shape, np.int32)
        labels.ravel()[self.segments.pixel] = self.segments.label
        return SegmentationImage(labels)


class ArchiveSources(ABC):
    """What an `Archive` can say of the sources in a leg."""

    @abstractmethod
    def _product_reader(self) -> "ArchiveReader":
        """Return what the builders of products need of the archive, as it is now."""

    def detect(self, image: "Image", *, extended_sources: bool = False) -> Detection:
        """Find the sources in an image.

        Parameters
        ----------
        image : Image
            Of a whole leg, as `image` makes it.
        extended_sources : bool
            Outline extended sources too.

        Returns
        -------
        Detection
            Its ``sources`` are in the archive too, in the view ``sources`` as catalogue
            ``detected``, if the image is of the leg that it has now.
        """
        from gphoton_db.products.sources.detection import find_segments, source_table
        from gphoton_db.products.sources.extended import outline_extended
        from gphoton_db.products.sources.make_photometry import keep_detected

        segments = find_segments(image)
        sources = source_table(image, segments)
        outlines = outline_extended(image, segments, sources) if extended_sources else None
        keep_detected(self._product_reader(), image, sources)
        return Detection(sources, outlines, segments)

    @overload
    def photometry(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | None = None,
        *,
        radii: float | Sequence[float] = ...,
        catalog: Any = ...,
        depth: float | None = ...,
        method: str = ...,
        extended: bool = ...,
        extended_sources: bool = ...,
    ) -> "Photometry": ...

    @overload
    def photometry(
        self,
        eclipse: int,
        band: str | Band,
        leg: Literal["all"],
        *,
        radii: float | Sequence[float] = ...,
        catalog: Any = ...,
        depth: float | None = ...,
        method: str = ...,
        extended: bool = ...,
        extended_sources: bool = ...,
    ) -> "Iterator[Photometry]": ...

    def photometry(
        self,
        eclipse: int,
        band: str | Band,
        leg: int | Literal["all"] | None = None,
        *,
        radii: float | Sequence[float] = (6.0, 12.8),
        catalog: Any = None,
        depth: float | None = None,
        method: str = "image",
        extended: bool = False,
        extended_sources: bool = False,
    ) -> "Photometry | Iterator[Photometry]":
        """Measure the sources of a leg in apertures, and keep that in the archive.

        Parameters
        ----------
        eclipse : int
            Eclipse number.
        band : str or Band
            ``NUV`` or ``FUV``.
        leg : int or "all", optional
            Which leg; None is the only one.
        radii : float or sequence of float
            Of the apertures, arcsec.
        catalog : path or table, optional
            Positions to measure, with columns ``ra`` and ``dec``; by default the sources that are
            detected in the leg's image.
        depth : float, optional
            Measure frames of so many seconds, too.
        method : str
            ``image``: pixels of the leg's image, each by the part of it in the aperture, as the
            predecessor measures; ``photon``: the unflagged photons in the aperture themselves.
        extended : bool
            Dispersion on the detector, mean q and mean ya, too.
        extended_sources : bool
            Outline extended sources and tag the detected ones that lie in them.

        Returns
        -------
        Photometry
            Or, for ``leg="all"``, an iterator of them.  The views ``sources`` and ``photometry``
            have the same.

        Raises
        ------
        ProductError
            If the leg is not there, has no photons on the detector, or an option makes no sense.
        """
        from gphoton_db.products.reader import make_of_legs
        from gphoton_db.products.sources.make_photometry import make_photometry
        from gphoton_db.products.sources.photometry_options import PhotometryOptions

        options = PhotometryOptions(
            radii, depth, method, extended, extended_sources, threads=usable_cores()
        )
        return make_of_legs(
            self._product_reader,
            eclipse,
            band,
            leg,
            lambda reader, chosen: make_photometry(reader, chosen, options, catalog),
        )
