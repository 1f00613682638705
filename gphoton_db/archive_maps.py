"""The methods of an archive that make maps; what they do is in `gphoton_db.products`."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gphoton_db.mission import Band
from gphoton_db.system.cores import usable_cores

if TYPE_CHECKING:
    from gphoton_db.aspect.coverage import CoverageRegions
    from gphoton_db.products.maps.sky_map import SkyMap
    from gphoton_db.products.reader import ArchiveReader


class ArchiveMaps(ABC):
    """What an `Archive` can say of any part of the sky."""

    @abstractmethod
    def _product_reader(self) -> "ArchiveReader":
        """Return what the builders of products need of the archive, as it is now."""

    def map(
        self,
        ra: Any,
        dec: Any = None,
        size: Any = 0.1,
        *,
        bands: str | Band | Iterable[str | Band] = (Band.NUV, Band.FUV),
        time_ranges: Iterable[tuple[Any, Any]] | None = None,
        depth: float | None = None,
        pixel: float = 1.5,
        edge: float = 370.0,
        calibration: str | Path | None = None,
    ) -> "list[SkyMap]":
        """Map a box on the sky, from the photons of all visits.

        Parameters
        ----------
        ra, dec : float, Quantity, or SkyCoord
            Centre of the box, deg or any angle; a SkyCoord as `ra` says both.
        size : float, Quantity, or a pair of them
            Side, or width and height, deg or any angle.
        bands : str or Band, or several
            Which bands.
        time_ranges : iterable of pairs, optional
            Only photons from the first to before the second time: GALEX seconds, or Times.
        depth : float, optional
            One map for each so many seconds of each leg, instead of one of everything.
        pixel : float
            Side of a pixel, arcsec.
        edge : float
            Detector radius, pixels, beyond which photons are left out.
        calibration : str or Path, optional
            Directory of the legs' calibration, where it is no longer where it was.

        Returns
        -------
        list of SkyMap
            One for each band, and with `depth` one for each interval, in the order of time.

        Raises
        ------
        ProductError
            If there is no coverage, an option makes no sense, or the maps would be too large.
        """
        from gphoton_db.products.maps.write import map_box
        from gphoton_db.products.sky_places import ranges_of

        options = _options(edge, calibration, ranges_of(time_ranges), depth)
        wanted = [bands] if isinstance(bands, str) else list(bands)
        parsed = [Band.parse(band) for band in wanted]
        box = _box(ra, dec, size, pixel)
        return map_box(self._product_reader(), parsed, box, options)

    def cutout(
        self,
        eclipse: int,
        band: str | Band,
        ra: Any,
        dec: Any = None,
        size: Any = 0.1,
        *,
        leg: int | None = None,
        pixel: float = 1.5,
        edge: float = 370.0,
        calibration: str | Path | None = None,
    ) -> "SkyMap":
        """Map a box on the sky from one leg alone; parameters as for `map`.

        Parameters
        ----------
        eclipse, band, leg
            The leg; None is the only one.
        """
        from gphoton_db.products.maps.write import map_leg
        from gphoton_db.products.reader import choose_leg

        reader = self._product_reader()
        chosen = choose_leg(reader, eclipse, Band.parse(band), leg)
        options = _options(edge, calibration, None, None)
        return map_leg(reader, chosen, _box(ra, dec, size, pixel), options)

    def coverage(self, eclipse: int, band: str | Band, leg: int | None = None) -> "CoverageRegions":
        """Return the sky that a leg saw, at least once and all of the time, as polygons.

        Parameters
        ----------
        eclipse, band, leg
            The leg; None is the only one.

        Raises
        ------
        ProductError
            If there is no such leg.
        """
        from gphoton_db.products.images.coverage import leg_regions
        from gphoton_db.products.reader import choose_leg

        reader = self._product_reader()
        return leg_regions(reader, choose_leg(reader, eclipse, Band.parse(band), leg))

    def import_coverage(self, path: str | Path) -> int:
        """Take the coverage of ingested legs from a consolidated ``leg-aperture`` table.

        Parameters
        ----------
        path : str or Path
            The Parquet file.

        Returns
        -------
        int
            How many legs it had something of.

        Raises
        ------
        PointingError
            If the table is damaged, or lacks columns.
        """
        from gphoton_db.products.images.coverage import import_apertures

        return import_apertures(self._product_reader(), Path(path).expanduser())


def _box(ra: Any, dec: Any, size: Any, pixel: float) -> Any:
    from gphoton_db.products.geometry import ImageGeometry
    from gphoton_db.products.sky_places import extent_of, position_of

    # A size that is a whole number of pixels but for its last bits gets no pixel more.
    width, height = (side * (1 - 1e-12) for side in extent_of(size))
    return ImageGeometry.centred(*position_of(ra, dec), width, height, pixel)


def _options(
    edge: float,
    calibration: str | Path | None,
    time_ranges: "list[tuple[int, int]] | None",
    depth: float | None,
) -> Any:
    from gphoton_db.products.maps.detector_weights import UsableDetector
    from gphoton_db.products.maps.make import MapOptions

    folder = Path(calibration).expanduser() if calibration else None
    return MapOptions(UsableDetector(edge), time_ranges, depth, folder, usable_cores())
