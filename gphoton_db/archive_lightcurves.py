"""The methods of an archive that measure positions; what they do is in `gphoton_db.products`."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gphoton_db.mission import Band
from gphoton_db.system.cores import usable_cores

if TYPE_CHECKING:
    from astropy.table import QTable, Table

    from gphoton_db.products.apertures.sums import Measurement
    from gphoton_db.products.lightcurves.lightcurve import LightCurve
    from gphoton_db.products.photons.events import Events
    from gphoton_db.products.reader import ArchiveReader

Bands = str | Band | Iterable[str | Band] | None
TimeRanges = Iterable[tuple[Any, Any]] | None


class ArchiveLightCurves(ABC):
    """What an `Archive` can say of a position on the sky.

    A position is ``ra, dec`` in deg, as quantities or as text (``"21:33:58.3", "-02 03 50"``; the
    right ascension of sexagesimal text is in hours), or one `SkyCoord` (or text with both) as
    ``ra``.  ``bands``: NUV, FUV or both; None is both.  ``time_ranges``: pairs of start and end
    (not included), in GALEX seconds or as `Time`.
    """

    @abstractmethod
    def _product_reader(self) -> "ArchiveReader":
        """Return what the builders of products need of the archive, as it is now."""

    def lightcurve(
        self,
        ra: Any,
        dec: Any = None,
        *,
        radius: Any = 12.8,
        annulus: Sequence[Any] | None = None,
        step: float | None = 30,
        bands: Bands = None,
        time_ranges: TimeRanges = None,
        method: Literal["photon", "image"] = "photon",
        mask_sources: bool = True,
    ) -> "LightCurve":
        """Return the light curve of a position, over all visits.

        Parameters
        ----------
        ra, dec
            The position (see the class).
        radius : float or Quantity
            Of the aperture, arcsec.
        annulus : pair of float or Quantity, optional
            Inner and outer radius of the ring that measures the background, arcsec.
        step : float, optional
            Length of a bin, s; None: one bin a leg.
        bands, time_ranges
            See the class.  Each range has bins of its own, which start with it.
        method : str
            ``photon``: photons in the aperture, by their own positions.  ``image``: sums over
            pixels of a movie, those at the rim in part, as the predecessor's pipeline had them.
        mask_sources : bool
            Leave the surroundings of the archive's detected sources out of the annulus.  Without,
            the numbers are those of ``lightcurve(...)`` in SQL.

        Returns
        -------
        LightCurve
            An astropy TimeSeries.

        Raises
        ------
        NoCoverageError
            If no ingested leg saw the position; it says what to ingest, where that is known.
        ProductError
            If the position, the radii, the step or the ranges make no sense.
        """
        from gphoton_db.products.lightcurves.make import light_curve
        from gphoton_db.products.sky_places import position_of

        position = position_of(ra, dec)
        how = _measurement(radius, annulus, step, bands, time_ranges)
        reader = self._product_reader()
        if _is_image(method):
            from gphoton_db.products.lightcurves.from_images import light_curve_of_images

            return light_curve_of_images(reader, *position, how)
        return light_curve(reader, *position, how, mask_sources=mask_sources)

    def lightcurves(
        self,
        positions: Any,
        *,
        radius: Any = 12.8,
        annulus: Sequence[Any] | None = None,
        step: float | None = 30,
        bands: Bands = None,
        time_ranges: TimeRanges = None,
        mask_sources: bool = True,
    ) -> "QTable":
        """Return the light curves of many positions, in one pass over the photons of each leg.

        Parameters
        ----------
        positions : SkyCoord, table, data frame, or path
            Directions, or a table with columns ``ra`` and ``dec`` (deg), or a file of one: CSV,
            ECSV, Parquet, VOTable or FITS.
        radius, annulus, step, bands, time_ranges, mask_sources
            As for `lightcurve`.

        Returns
        -------
        QTable
            The columns of a `LightCurve` after ``position`` (number in the table, from 0),
            ``ra``, ``dec`` and ``position_flags`` (1 no position, 2 duplicate, 4 off the field).
            Every position has at least one row.

        Raises
        ------
        ProductError
            If the table cannot be read or has no such columns, or an option makes no sense.
        """
        from gphoton_db.products.apertures.catalogs import read_positions
        from gphoton_db.products.lightcurves.make import light_curves

        how = _measurement(radius, annulus, step, bands, time_ranges)
        targets = read_positions(positions)
        return light_curves(self._product_reader(), targets, how, mask_sources=mask_sources)

    def events(
        self,
        ra: Any,
        dec: Any = None,
        radius: Any = 12.8,
        *,
        bands: Bands = None,
        time_ranges: TimeRanges = None,
    ) -> "Events":
        """Return the photons around a position, weighted, from all visits.

        Parameters
        ----------
        ra, dec
            The position (see the class).
        radius : float or Quantity
            Arcsec, up to 36000.
        bands, time_ranges
            See the class.

        Returns
        -------
        Events
            An astropy QTable, in the order of time.  Photons that no light curve counts (ghosts,
            those on dead pixels) have weight 0.

        Raises
        ------
        NoCoverageError
            If no ingested leg came near the position, or none in these times.
        ProductError
            If the position, the radius or the ranges make no sense.
        """
        from gphoton_db.products.photons.events import find_events
        from gphoton_db.products.sky_places import position_of, ranges_of

        position = position_of(ra, dec)
        return find_events(
            self._product_reader(), *position, radius, parse_bands(bands), ranges_of(time_ranges)
        )

    def find(self, ra: Any, dec: Any = None, *, bands: Bands = None) -> "Table":
        """Return the visits that saw a position, or several, ingested or not.

        Parameters
        ----------
        ra, dec
            The position (see the class); or, as `ra`, several: what `lightcurves` takes.
        bands
            See the class.

        Returns
        -------
        astropy.table.Table
            A row for each leg and band: ``position, ra, dec, eclipse, band, leg, ingested, t0,
            t1`` (GALEX s, with the position in the field), ``exposure`` (s, corrected for dead
            time), ``detrad_min, detrad_max`` (detector pixels), ``separation`` (arcsec from the
            boresight), ``command`` (what ingests it, if it is not).  ``meta`` has the total
            exposure of each band, and how many positions have no rows, which is logged too:
            those that are none (``N_NO_POSITION``), and that no visit saw (``N_OFF_FIELD``).

        Raises
        ------
        ProductError
            If the position makes no sense.
        """
        from gphoton_db.products.apertures.catalogs import one_or_more
        from gphoton_db.products.find import find_visits

        return find_visits(self._product_reader(), one_or_more(ra, dec), parse_bands(bands))

    def write_measured(self, table: "Table", path: str | Path, format: str | None = None) -> Path:
        """Write a table of `lightcurve`, `lightcurves`, `events` or `find` to a file.

        The file is entered into the archive's table ``products``, which a table's own ``write``
        cannot do.

        Parameters
        ----------
        table : astropy.table.Table
            The table.
        path : str or Path
            The file, which is replaced.
        format : str, optional
            ``ecsv``, ``csv``, ``fits``, ``parquet`` or ``votable``; by default from the ending.

        Raises
        ------
        ProductError
            If there is no such format, or the file cannot be written.
        """
        from gphoton_db.products.tables import write_registered

        return write_registered(self._product_reader(), table, Path(path).expanduser(), format)


def parse_bands(bands: Bands) -> tuple[Band, ...]:
    """Return the bands that a user named; None: both."""
    if bands is None:
        return (Band.NUV, Band.FUV)
    wanted = [bands] if isinstance(bands, str) else list(bands)
    return tuple(dict.fromkeys(Band.parse(band) for band in wanted)) or (Band.NUV, Band.FUV)


def _measurement(
    radius: Any, annulus: Any, step: float | None, bands: Bands, time_ranges: TimeRanges
) -> "Measurement":
    from gphoton_db.products.apertures.aperture import Aperture
    from gphoton_db.products.apertures.sums import Measurement
    from gphoton_db.products.bins import step_in_ms
    from gphoton_db.products.sky_places import ranges_of

    return Measurement(
        Aperture.of(radius, annulus),
        parse_bands(bands),
        step_in_ms(step),
        ranges_of(time_ranges),
        usable_cores(),
    )


def _is_image(method: str) -> bool:
    from gphoton_db.errors import ProductError

    if method not in ("photon", "image"):
        raise ProductError(f"unknown method {method!r}: it is 'photon' or 'image'")
    return method == "image"
