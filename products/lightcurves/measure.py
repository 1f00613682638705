"""Light curves as users ask for them: of a position, or of a list of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.mission import parse_bands
from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.apertures.sums import Measurement
from gphoton_db.products.bins import step_in_ms
from gphoton_db.products.lightcurves.make import light_curve, plain_columns
from gphoton_db.products.lightcurves.options import LightCurveOptions
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.sky_places import binned_ranges_of, position_of

if TYPE_CHECKING:
    from astropy.table import QTable

    from gphoton_db.products.lightcurves.lightcurve import LightCurve
    from gphoton_db.products.lightcurves.write_many import WrittenLightCurves


def measure_position(
    archive: ArchiveReader, ra: Any, dec: Any, options: LightCurveOptions
) -> "LightCurve":
    """Return the light curve of a position; see `Archive.lightcurve`.

    Raises
    ------
    NoCoverageError
        If no ingested leg saw the position.
    ProductError
        If the position, the radii, the step or the ranges are not valid.
    """
    position = position_of(ra, dec)
    how = measurement_of(options)
    if options.method == "image":
        from gphoton_db.products.lightcurves.from_images import light_curve_of_images

        return light_curve_of_images(archive, *position, how)
    return light_curve(archive, *position, how, mask_sources=options.mask_sources)


def columns_of_position(
    archive: ArchiveReader, ra: Any, dec: Any, options: LightCurveOptions
) -> dict[str, NDArray[Any]]:
    """Return the light curve of a position as plain numbers; see `Archive.lightcurve_columns`.

    Raises
    ------
    NoCoverageError
        If no ingested leg saw the position.
    ProductError
        If the position, the radii, the step or the ranges are not valid, or it is to be measured
        in images.
    """
    if options.method != "photon":
        raise ProductError("plain columns are of photons: for --method image take lightcurve()")
    position, how = position_of(ra, dec), measurement_of(options)
    return plain_columns(archive, *position, how, mask_sources=options.mask_sources)


def measure_positions(
    archive: ArchiveReader, positions: Any, options: LightCurveOptions
) -> "QTable":
    """Return the light curves of many positions in one table; see `Archive.lightcurves`.

    Raises
    ------
    ProductError
        If the positions cannot be read, or an option is not valid.
    """
    from gphoton_db.products.apertures.catalogs import read_positions
    from gphoton_db.products.lightcurves.many import light_curves

    how = measurement_of(options)
    targets = read_positions(positions)
    return light_curves(archive, targets, how, mask_sources=options.mask_sources)


def blocks_of_positions(
    archive: ArchiveReader, positions: Any, options: LightCurveOptions
) -> "Iterator[QTable]":
    """Return the light curves of many positions in blocks; see `Archive.lightcurve_blocks`.

    Raises
    ------
    ProductError
        If the positions cannot be read, or an option is not valid.
    """
    from gphoton_db.products.apertures.catalogs import read_positions
    from gphoton_db.products.lightcurves.many import light_curve_blocks

    how = measurement_of(options)
    targets = read_positions(positions)
    return light_curve_blocks(archive, targets, how, mask_sources=options.mask_sources)


def write_positions(
    archive: ArchiveReader,
    positions: Any,
    path: str | Path,
    format: str | None,
    options: LightCurveOptions,
) -> "WrittenLightCurves":
    """Write the light curves of many positions to a file; see `Archive.write_lightcurves`.

    Raises
    ------
    ProductError
        If the positions cannot be read, an option is not valid, or the file cannot be written.
    """
    from gphoton_db.products.apertures.catalogs import read_positions
    from gphoton_db.products.lightcurves.write_many import write_light_curves

    how = measurement_of(options)
    targets, file = read_positions(positions), Path(path).expanduser()
    mask_sources = options.mask_sources
    return write_light_curves(archive, targets, how, file, format, mask_sources=mask_sources)


def measurement_of(options: LightCurveOptions) -> Measurement:
    """Return how positions are measured, all of it checked.

    Raises
    ------
    ProductError
        If the radii, the step or the ranges are not valid.
    """
    return Measurement(
        Aperture.of(options.radius, options.annulus),
        parse_bands(options.bands),
        step_in_ms(options.step),
        binned_ranges_of(options.time_ranges),
        options.threads,
        options.nonlinear,
        options.mask,
    )
