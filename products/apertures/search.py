"""Looking for photons about targets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gphoton_db.products.apertures.aperture import Aperture
from gphoton_db.products.apertures.targets import MaskedSources, Targets, grid_of, neighbours_of
from gphoton_db.products.apertures.work import GOOD_PHOTON_US, PHOTON_US
from gphoton_db.products.kernels.aperture_photons import (
    Hits,
    Neighbours,
    Reach,
    TargetGrid,
    find_photons,
    good_photons,
)
from gphoton_db.products.photon_batches import Photons

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Search:
    """Finds photons about targets; ``free`` is the part of each annulus without known sources."""

    directions: tuple[Floats, Floats, Floats]
    grid: TargetGrid
    reach: Reach
    neighbours: Neighbours
    free: Floats

    @classmethod
    def of(cls, targets: Targets, aperture: Aperture, known: MaskedSources) -> "Search":
        """Return what looks for photons of targets, at least one."""
        neighbours, free = neighbours_of(targets, aperture, known)
        directions = (targets.ra, targets.dec, targets.unit_vectors)
        grid = grid_of(targets, aperture.largest_arcsec / 3600.0)
        return cls(directions, grid, aperture.reach(), neighbours, free)

    def find(self, photons: Photons) -> tuple[Photons, Hits]:
        """Return photons, and which of them lie in apertures or annuli."""
        columns = [photons[name] for name in ("flags", "response", "col", "row")]
        n = len(photons["ra"])
        good = good_photons.for_work(GOOD_PHOTON_US * n)(*columns)
        place = (photons["ra"], photons["dec"], good)
        found = find_photons.for_work(PHOTON_US * n)(
            *place, self.directions, self.grid, self.reach, self.neighbours
        )
        return photons, found
