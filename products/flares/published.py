"""The recipe of the published flares of GJ 65 (Fleming et al. 2022, ApJ 928, 8), to compare with.

What the paper leaves open is as in the notebooks that its authors published (MillionConcepts,
gfcat_gj65), where it shows in the numbers.
"""

import numpy as np

from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.flares.found import Found, counts_of, seconds_of, seeds_of
from gphoton_db.products.flares.measure import Excess
from gphoton_db.products.flares.options import FlareOptions
from gphoton_db.products.flares.ranges import clipped_median, find_ranges
from gphoton_db.products.flares.series import PUBLISHED_PART, Series

QUIESCENCE_ARCSEC = 12.8
"""The quiescence of the other band has the aperture correction of this radius, whatever the radius
of the light curve: theirs was 17.3."""


def find_as_published(series: Series, options: FlareOptions) -> Found:
    """Look for flares as it was done for GJ 65: all bins, quiescence worked out twice."""
    rate = np.nan_to_num(series.rate)
    ranges, quiescence = find_ranges(
        *(rate, series.rate_err, np.nan_to_num(series.exposure), options.sigma),
        usable=series.exposed(PUBLISHED_PART) & (series.flags & options.leave_out == 0),
        rounds=1,
        error_of_first=True,
    )
    seeds = seeds_of(series, quiescence, options, PUBLISHED_PART)
    return Found(series, 0, ranges, quiescence, seeds)


def excess_as_published(each: Found, *, own: bool) -> Excess:
    """Return the rate above quiescence as it was taken for GJ 65.

    Rates have the aperture correction.  Quiescence has none in the band that the ranges are of
    (`own`); in the other one it is the clipped median of all bins, with the correction of another
    aperture.  Bins below it count as 0, and quiescence has no error.
    """
    series, level = each.series, each.quiescence.rate
    if not own:
        correction = Aperture(QUIESCENCE_ARCSEC).correction(series.band)
        level = clipped_median(series.rate) * 10 ** (0.4 * correction)
    return Excess(
        rate=np.maximum(np.nan_to_num(series.rate) * series.factor - level, 0.0),
        error=series.rate_err,
        quiescence=level,
        quiescence_err=0.0,
        off_counts=counts_of(series, each.quiescence.bins),
        off_exposure=seconds_of(series, each.quiescence.bins),
    )
