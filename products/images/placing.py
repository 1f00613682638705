"""Photons as they are read, to the pixels of an image."""

from gphoton_db.products.kernels.placing import Edges, PlacedPhotons, place
from gphoton_db.products.kernels.projection import Projection
from gphoton_db.products.photon_batches import Photons

COLUMNS = ("ra", "dec", "col", "row", "response", "mask", "flags")
"""Columns of the photon files that `place_photons` needs."""


def place_photons(photons: Photons, projection: Projection, edges: Edges) -> PlacedPhotons:
    """Return the photons on the detector, each with its pixel, weight and flag bits.

    Parameters
    ----------
    photons : Photons
        With at least `COLUMNS`.
    projection : Projection
        Of the image.
    edges : Edges
        Thresholds of the two edge bits.
    """
    placed: PlacedPhotons = place(
        photons["ra"],
        photons["dec"],
        photons["col"],
        photons["row"],
        photons["response"],
        photons["mask"],
        photons["flags"],
        projection,
        edges,
    )
    return placed
