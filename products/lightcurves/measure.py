"""Light curves as users ask for them: of a position, or of a list of them."""

from typing import TYPE_CHECKING, Any

from gphoton_db.mission import parse_bands
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.apertures.catalogs import read_positions
from gphoton_db.products.apertures.sums import Measurement
from gphoton_db.products.bins import step_in_ms
from gphoton_db.products.lightcurves.lightcurve import LightCurve
from gphoton_db.products.lightcurves.make import light_curve, light_curves
from gphoton_db.products.lightcurves.options import LightCurveOptions
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_places import binned_ranges_of, position_of

if TYPE_CHECKING:
    from astropy.table import QTable


def measure_position(
    archive: ArchiveReader, ra: Any, dec: Any, options: LightCurveOptions
) -> LightCurve:
    """Return the light curve of a position; see `Archive.lightcurve`.

    Raises
    ------
    NoCoverageError
        If no ingested leg saw the position.
    ProductError
        If the position, the radii, the step or the ranges make no sense.
    """
    position = position_of(ra, dec)
    how = measurement_of(options)
    if options.method == "image":
        from gphoton_db.products.lightcurves.from_images import light_curve_of_images

        return light_curve_of_images(archive, *position, how)
    return light_curve(archive, *position, how, mask_sources=options.mask_sources)


def measure_positions(
    archive: ArchiveReader, positions: Any, options: LightCurveOptions
) -> "QTable":
    """Return the light curves of many positions in one table; see `Archive.lightcurves`.

    Raises
    ------
    ProductError
        If the positions cannot be read, or an option makes no sense.
    """
    how = measurement_of(options)
    targets = read_positions(positions)
    return light_curves(archive, targets, how, mask_sources=options.mask_sources)


def measurement_of(options: LightCurveOptions) -> Measurement:
    """Return how positions are measured, all of it checked.

    Raises
    ------
    ProductError
        If the radii, the step or the ranges make no sense.
    """
    return Measurement(
        Aperture.of(options.radius, options.annulus),
        parse_bands(options.bands),
        step_in_ms(options.step),
        binned_ranges_of(options.time_ranges),
        options.threads,
    )
