"""How much there is to do about one position, for which few photons need no kernel."""

from collections.abc import Sequence

from gphoton_db.catalogue.records import AnyLeg
from gphoton_db.kernels.late import LateKernel
from gphoton_db.products.apertures.aperture import Aperture

KERNELS = (
    "gphoton_db.products.kernels.light_curve_examples:light_curves",
    "gphoton_db.kernels.examples:exposure",
)
"""Groups that are compiled ahead where there is more to do than Python does quickly."""

GOOD_PHOTON_US, PHOTON_US, HIT_US, ASPECT_ROW_US = 2.0, 10.0, 15.0, 1.0
"""Microseconds that Python takes to find out whether a photon counts, and where it lies; for one
in the aperture; and for a second of pointing."""


def expected_photons(legs: Sequence[AnyLeg], aperture: Aperture) -> list[float]:
    """Return how many photons each leg may have about a position, three times the mean."""
    reach_deg = aperture.largest_arcsec / 3600.0
    # Three times as dense as the field is in the mean, of 1.2 square degrees.
    part = 3.0 * (2.0 * reach_deg) ** 2 / 1.2
    return [part * leg.n_photons for leg in legs]


def is_quick(legs: Sequence[AnyLeg], aperture: Aperture) -> bool:
    """Return whether a position has so few photons that no kernel is going to be compiled."""
    photon_us = GOOD_PHOTON_US + PHOTON_US
    return photon_us * sum(expected_photons(legs, aperture)) <= LateKernel.longest_us
